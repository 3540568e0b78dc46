import type { CommandHandler, DueTimer, Execution, LeaderToken } from '@millrace/job-store';
import { Failure } from '@millrace/failures';
import { DEFAULT_RULES } from '@millrace/job-domain';
import { Sweeper } from './sweeper';
import { VirtualClock } from '@millrace/testing';

describe('Sweeper', () => {
  const leader: LeaderToken = { name: 'sweeper', token: 'token' };
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const timer = (kind: DueTimer['kind'], task: string): DueTimer => ({ stream: 's', kind, task, run: null });

  let clock: VirtualClock;
  let bus: { connected: boolean };
  let due: DueTimer[];
  let kinds: string[];
  let counted: number[];
  let silent: string[];
  let fired: string[];
  let postponed: string[];
  let outcome: 'pending' | 'finished' | 'failed' | undefined;
  let onExecute: (execution: Execution) => Promise<void>;
  let sweeper: Sweeper;

  beforeEach(() => {
    clock = new VirtualClock();
    bus = { connected: true };
    [due, kinds, counted, silent, fired, postponed, outcome] = [[], [], [], [], [], [], undefined];
    onExecute = async () => undefined;
    const handler = { rules: DEFAULT_RULES, execute: async (execution: Execution) => (await onExecute(execution), fired.push(execution.inputId)) };
    const store = {
      dueTimers: async (asked: readonly string[]) => ((kinds = [...asked]), due),
      countSilence: async (ms: number) => (counted.push(ms), silent),
      postponeForeign: async (_: string, task: string) => void postponed.push(task),
      taskOutcome: async () => outcome && { stream: 'other', account: 1, outcome, files: [] },
    };
    sweeper = new Sweeper(handler as unknown as CommandHandler, store, bus, clock, log);
  });

  const rounds = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 1_000) {
      await clock.advance(1_000);
      await sweeper.tick(leader);
    }
  };

  const judges = (): boolean => kinds.includes('lease') && kinds.includes('timeout');

  it('judges nobody in the first 25 s of its lead', async () => {
    await sweeper.tick(leader);
    await rounds(24_000);
    expect(kinds).toEqual(['upload', 'foreign', 'retention']);
    await rounds(1_000);
    expect(judges()).toBe(true);
  });

  it.each(['NATS was away', 'it stood still', 'it was disturbed'])('judges nobody for 25 s after %s', async (what) => {
    await rounds(30_000);
    expect(judges()).toBe(true);
    if (what === 'it stood still') await clock.advance(5_001);
    if (what === 'it was disturbed') sweeper.disturbed();
    bus.connected = what !== 'NATS was away';
    await sweeper.tick(leader);
    expect(judges()).toBe(false);
    bus.connected = true;
    await rounds(24_000);
    expect(judges()).toBe(false);
    await rounds(2_000);
    expect(judges()).toBe(true);
  });

  it('judges queues only when an engine is silent', async () => {
    await rounds(30_000);
    expect(kinds).not.toContain('queue');
    silent = ['fault'];
    await rounds(1_000);
    expect(kinds).toContain('queue');
  });

  it('counts silence only in connected time', async () => {
    await rounds(3_000);
    bus.connected = false;
    await rounds(60_000);
    bus.connected = true;
    await rounds(2_000);
    expect(counted).toEqual([0, 1_000, 1_000, 0, 1_000]);
    await clock.advance(3_600_000);
    await sweeper.tick(leader);
    expect(counted.at(-1)).toBe(0);
  });

  it('does not go on with what it read before it stood still', async () => {
    await rounds(30_000);
    due = [timer('lease', 'a'), timer('lease', 'b')];
    onExecute = () => clock.advance(60_000);
    await sweeper.tick(leader);
    expect(fired).toEqual(['timer:lease:a:']);
    await sweeper.tick(leader);
    expect(judges()).toBe(false);
  });

  it('looks after a foreign input: resolves one that ended or is gone, puts off one that is open', async () => {
    due = [timer('foreign', 'x')];
    outcome = 'pending';
    await sweeper.tick(leader);
    expect([postponed, fired]).toEqual([['x'], []]);
    const outcomes: unknown[] = [];
    onExecute = async ({ command }) => void outcomes.push(await command('now', null));
    for (outcome of ['finished', 'failed', undefined] as const) await sweeper.tick(leader);
    expect(outcomes).toMatchObject(['finished', 'failed', 'failed'].map((ended) => ({ type: 'InputResolved', input: 'x', outcome: ended })));
  });

  it('a timer that is refused does not keep the others from firing', async () => {
    due = [timer('upload', 'a'), timer('upload', 'b')];
    onExecute = async ({ inputId }) => {
      if (inputId.includes(':a:')) throw new Failure('INVALID_DATA', 'no');
    };
    await sweeper.tick(leader);
    expect(fired).toEqual(['timer:upload:b:']);
  });

  it.each(['CONFLICT', 'SERVICE_UNAVAILABLE'] as const)('%s ends the round', async (code) => {
    due = [timer('upload', 'a'), timer('upload', 'b')];
    let tries = 0;
    onExecute = async () => {
      tries += 1;
      throw new Failure(code, 'no');
    };
    await expect(sweeper.tick(leader)).rejects.toMatchObject({ code });
    expect(tries).toBe(1);
  });
});
