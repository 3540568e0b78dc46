import type { Engine } from '@millrace/engine-kit';
import { FakeBus, FakeEngine, GO, invitationOf, noFiles, SILENT } from './testing/fakes';
import { settled, VirtualClock } from '@millrace/testing';
import { TaskRunner } from './task-runner';

describe('TaskRunner', () => {
  let bus: FakeBus;
  let engine: FakeEngine;
  let clock: VirtualClock;
  let names: unknown[];

  const nobody = async (): Promise<never> => {
    throw new Error('nobody there');
  };

  const handle = (over = {}): Promise<void> => {
    const logFor = (...of: unknown[]) => (names.push(of), SILENT);
    const runner = new TaskRunner({ worker: 'w', bus, files: noFiles(), clock, log: SILENT, newRun: () => `run-${bus.claims.length}`, logFor });
    const note = (what: string) => async (): Promise<void> => void bus.events.push(what);
    return runner.handle({ invitation: invitationOf('a', over), ack: note('ack'), nak: note('nak'), working: note('working') }, engine as unknown as Engine);
  };

  beforeEach(() => {
    bus = new FakeBus();
    engine = new FakeEngine();
    clock = new VirtualClock();
    names = [];
  });

  it('repeats a claim with the same run until it is answered, and acks only then', async () => {
    bus.onClaim = nobody;
    const over = handle();
    await clock.advance(3_500);
    expect(bus.claims.map(({ run }) => run)).toEqual(['run-0', 'run-0', 'run-0', 'run-0']);
    expect(bus.events).toEqual([]);
    bus.onClaim = async () => GO;
    await clock.advance(500);
    expect(bus.events).toEqual(['ack']);
    engine.runs.get('a')!.end();
    await over;
    expect(bus.reports).toMatchObject([{ run: 'run-0', outcome: { status: 'finished' } }]);
  });

  it('acks and runs nothing when the task is gone', async () => {
    bus.onClaim = async () => ({ verdict: 'gone' });
    await handle();
    expect(bus.events).toEqual(['ack']);
    expect([engine.runs.size, bus.reports.length, bus.beats.length]).toEqual([0, 0, 0]);
  });

  it('repeats a report until it is answered, and beats meanwhile', async () => {
    bus.onReport = nobody;
    const over = handle();
    await settled();
    engine.runs.get('a')!.end();
    await clock.advance(11_500);
    expect(bus.reports).toHaveLength(12);
    expect(new Set(bus.reports.map((report) => JSON.stringify(report))).size).toBe(1);
    expect(bus.beats).toHaveLength(2);
    bus.onReport = async () => ({ verdict: 'confirmed' });
    await clock.advance(1_000);
    await over;
    expect(bus.stops.size).toBe(0);
  });

  it.each(['a nudge', 'a beat'])('stops and reports nothing when %s says that the run is not wanted', async (how) => {
    const over = handle();
    await settled();
    if (how === 'a beat') bus.onBeat = async () => ({ verdict: 'stop' });
    else bus.stops.get('run-0')!();
    await clock.advance(how === 'a beat' ? 5_000 : 0);
    await over;
    expect(engine.runs.get('a')!.context.signal.aborted).toBe(true);
    expect(bus.reports).toEqual([]);
  });

  it('reports TIMEOUT at its deadline', async () => {
    bus.onClaim = async () => ({ ...GO, remainingMs: 7_000 });
    const over = handle();
    await clock.advance(6_999);
    expect(bus.reports).toEqual([]);
    await clock.advance(1);
    await over;
    expect(bus.reports).toMatchObject([{ outcome: { status: 'failed', code: 'TIMEOUT' } }]);
  });

  it('names job, task, run and trace in the lines of a run', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const over = handle({ traceparent });
    await settled();
    expect(names).toEqual([[expect.objectContaining({ task: 'a', traceparent }), 'run-0', 'job']]);
    engine.runs.get('a')!.end();
    await over;
  });
});
