import type { Engine } from '@millrace/engine-kit';
import { FakeBus, FakeEngine, invitationOf, noFiles, SILENT } from './testing/fakes';
import { settled, VirtualClock } from '@millrace/testing';
import { TaskRunner } from './task-runner';
import { Worker } from './worker';

describe('Worker', () => {
  let bus: FakeBus;
  let engine: FakeEngine;
  let clock: VirtualClock;
  let stop: AbortController;
  let over: Promise<void>;

  const start = (slots: number, engines = [engine]): void => {
    let runs = 0;
    const runner = new TaskRunner({ worker: 'w', bus, files: noFiles(), clock, log: SILENT, newRun: () => `run-${(runs += 1)}`, logFor: () => SILENT });
    over = new Worker({ worker: 'w', pool: 'media', region: 'local', slots }, engines as unknown as Engine[], runner, bus, clock, SILENT).run(stop.signal);
  };

  beforeEach(() => {
    bus = new FakeBus();
    engine = new FakeEngine();
    clock = new VirtualClock();
    stop = new AbortController();
  });

  afterEach(async () => {
    bus.onClaim = async () => ({ verdict: 'gone' });
    stop.abort();
    await clock.advance(120_000);
    await over;
  });

  it('runs no more than its slots, and takes the next when one is free', async () => {
    start(2);
    for (const task of ['a', 'b', 'c']) bus.offer(invitationOf(task));
    await settled();
    expect([...engine.runs.keys()]).toEqual(['a', 'b']);
    expect(bus.waiting).toHaveLength(1);
    engine.runs.get('a')!.end();
    await settled();
    expect([...engine.runs.keys()]).toEqual(['a', 'b', 'c']);
  });

  it('says how many slots are free', async () => {
    start(2);
    bus.offer(invitationOf('a'));
    await clock.advance(2_000);
    expect(bus.announced.map(({ free }) => free)).toEqual([2, 1]);
  });

  it('a task that must run alone waits until nothing runs, and lets nothing in beside it', async () => {
    start(2);
    bus.offer(invitationOf('a'));
    await settled();
    bus.offer(invitationOf('poison', { alone: true }));
    await clock.advance(3_000);
    bus.offer(invitationOf('c'));
    await settled();
    expect([...engine.runs.keys()]).toEqual(['a']);
    expect(bus.events).toContain('working poison');
    engine.runs.get('a')!.end();
    await clock.advance(1_000);
    expect([...engine.runs.keys()]).toEqual(['a', 'poison']);
    engine.runs.get('poison')!.end();
    await settled();
    expect([...engine.runs.keys()]).toEqual(['a', 'poison', 'c']);
  });

  it('gives an invitation that must run alone to another when it is busy for a minute', async () => {
    start(2);
    bus.onClaim = async () => ({ ...(await new FakeBus().onClaim({} as never)), remainingMs: 3_600_000 }) as never;
    bus.offer(invitationOf('a'));
    await settled();
    bus.offer(invitationOf('poison', { alone: true }));
    await clock.advance(61_000);
    expect(bus.events).toContain('nak poison');
    bus.offer(invitationOf('c'));
    await settled();
    expect([...engine.runs.keys()]).toEqual(['a', 'c']);
  });

  it('goes on working when the bus breaks while a task waits to run alone', async () => {
    start(2);
    bus.offer(invitationOf('a'));
    await settled();
    const broken = async (): Promise<void> => {
      throw new Error('closed');
    };
    bus.offer(invitationOf('poison', { alone: true }), { working: broken, nak: broken });
    await clock.advance(2_000);
    bus.offer(invitationOf('c'));
    await settled();
    expect([...engine.runs.keys()]).toEqual(['a', 'c']);
  });

  it('at shutdown reports its runs as lost, and ends when each report was answered', async () => {
    start(1);
    bus.offer(invitationOf('a'));
    await settled();
    let ended = false;
    void over.then(() => (ended = true));
    const answered = bus.onReport;
    bus.onReport = async () => {
      throw new Error('nobody there');
    };
    stop.abort();
    await clock.advance(5_000);
    expect(bus.reports[0]).toMatchObject({ task: 'a', outcome: { status: 'failed', code: 'WORKER_LOST' } });
    expect(ended).toBe(false);
    bus.onReport = answered;
    await clock.advance(1_000);
    expect(ended).toBe(true);
  });

  it('hands back at once what its claim is answered with after the shutdown', async () => {
    start(1);
    const answer = bus.onClaim;
    bus.onClaim = async () => {
      throw new Error('nobody there');
    };
    bus.offer(invitationOf('a'));
    await settled();
    stop.abort();
    await clock.advance(3_000);
    expect(bus.reports).toEqual([]);
    bus.onClaim = answer;
    await clock.advance(1_000);
    expect(engine.runs.size).toBe(0);
    expect(bus.reports).toMatchObject([{ task: 'a', run: 'run-1', outcome: { code: 'WORKER_LOST' } }]);
    await over;
  });

  it('gives back at once what two lanes brought for one slot', async () => {
    start(1, [engine, engine]);
    await settled();
    const [a, b] = [invitationOf('a'), invitationOf('b')];
    bus.offer(a);
    bus.offer(b);
    await settled();
    expect([...engine.runs.keys()]).toEqual(['a']);
    expect(bus.events).toEqual(['nak b', 'ack a']);
  });

  it('takes nothing once it shuts down', async () => {
    start(1);
    stop.abort();
    bus.offer(invitationOf('a'));
    await settled();
    expect(bus.claims).toEqual([]);
    await over;
  });
});
