import { createLogger } from '@millrace/telemetry';
import { Feeds } from './feeds';
import type { Snapshot } from './snapshot';
import { jobOf, links } from './testing/rows';

const log = createLogger({ service: 'test', level: 'silent' });
const later = async (): Promise<void> => {
  for (let count = 0; count < 5; count += 1) await new Promise(setImmediate);
};

/** Between two readings lies a rest of real milliseconds. */
const until = async (condition: () => boolean): Promise<void> => {
  for (const end = Date.now() + 5_000; !condition(); ) {
    if (Date.now() > end) throw new Error('it does not come');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
};

function world(everyMs?: number) {
  const handlers = new Map<string, (payload: unknown, context: { subject: string; headers: object }) => unknown>();
  const statuses = new Set<(connected: boolean) => void>();
  const state = { snapshot: jobOf('processing', { a: 'running' }) as Snapshot | undefined, reads: 0, failing: false, flush: async (): Promise<void> => undefined };
  const order: string[] = [];
  const notices = {
    subscribe: (subject: string, handler: never) => {
      order.push(`subscribe ${subject}`);
      handlers.set(subject, handler);
      return { stop: () => void handlers.delete(subject) };
    },
    flush: () => (order.push('flush'), state.flush()),
    onStatus: (listener: (connected: boolean) => void) => (statuses.add(listener), () => void statuses.delete(listener)),
  };
  const resources = {
    job: async () => {
      order.push('read');
      state.reads += 1;
      const { snapshot } = state;
      await new Promise(setImmediate);
      if (state.failing) throw new Error('away');
      return snapshot as never;
    },
    task: async () => undefined,
    ended: async (ids: readonly string[]) => new Set(state.snapshot?.job?.status === 'finished' ? ids : []),
  };
  const feeds = new Feeds(notices as never, resources, log, everyMs);
  const listen = (channel = 'private-job.job') => {
    const told: string[] = [];
    const over = { is: false };
    const leave = feeds.join({ account: 7, stream: 'job' }, { channel, listener: { links, tell: (event) => void told.push(event) }, over: () => (over.is = true) });
    return { told, over, leave };
  };
  const notice = () => handlers.get('events.*.7.job')!({}, { subject: 'events.TaskFinished.7.job', headers: {} });
  return { handlers, statuses, state, order, feeds, listen, notice };
}

const ENDED = jobOf('finished', { a: 'finished' });

it('listens before it reads, tells the end, and lets go of the stream', async () => {
  const { order, listen, notice, state, feeds, handlers } = world();
  const { told, over } = listen();
  await later();
  expect(order).toEqual(['subscribe events.*.7.job', 'subscribe progress.7.job', 'flush', 'read']);
  expect([told, over.is]).toEqual([[], false]);
  state.snapshot = ENDED;
  notice();
  await later();
  expect([told, over.is, feeds.size.streams, handlers.size]).toEqual([['job.finished'], true, 0, 0]);
  feeds.close();
});

it('tells an end that comes between the first notice and the first reading, once', async () => {
  const { listen, notice, state, feeds } = world();
  const { told, over } = listen();
  notice();
  state.snapshot = ENDED;
  notice();
  await until(() => over.is);
  expect(told).toEqual(['job.finished']);
  feeds.close();
});

it('tells an end that was read before the notices of a latecomer are heard', async () => {
  const { listen, state, feeds, notice } = world();
  const early = listen();
  await later();
  state.flush = () => new Promise(() => undefined);
  const late = listen();
  state.snapshot = ENDED;
  notice();
  await until(() => late.over.is);
  expect([early.told, late.told, late.over.is]).toEqual([['job.finished'], ['job.finished'], true]);
  feeds.close();
});

it('tells who comes during a reading what comes after it', async () => {
  const { listen, notice, state, feeds } = world();
  const early = listen();
  await later();
  notice();
  const late = listen();
  await later();
  state.snapshot = ENDED;
  notice();
  await until(() => early.over.is && late.over.is);
  expect([early.told, late.told]).toEqual([['job.finished'], ['job.finished']]);
  feeds.close();
});

it('reads for many notices at once, not once each', async () => {
  const { listen, notice, state, feeds } = world();
  listen();
  await later();
  state.reads = 0;
  for (let count = 0; count < 100; count += 1) notice();
  await later();
  expect(state.reads).toBeLessThanOrEqual(2);
  feeds.close();
});

it('finds what no notice told: at the return of the bus, and every so often', async () => {
  for (const way of ['return', 'timer'] as const) {
    const { listen, state, statuses, feeds } = world(way === 'timer' ? 5 : undefined);
    const { told } = listen();
    await later();
    state.snapshot = ENDED;
    if (way === 'return') for (const tell of statuses) tell(true);
    await until(() => told.length > 0);
    await later();
    expect(told).toEqual(['job.finished']);
    feeds.close();
  }
});

it('tells it later when a reading fails', async () => {
  const { listen, state, feeds } = world(5);
  state.failing = true;
  const { told } = listen();
  await later();
  state.failing = false;
  state.snapshot = ENDED;
  await until(() => told.length > 0);
  expect(told).toEqual(['job.finished']);
  feeds.close();
});

it('is over at once for a stream that is not there, and reads no more once all have left', async () => {
  const { listen, state, feeds, handlers } = world();
  const first = listen();
  await later();
  first.leave();
  expect([feeds.size.streams, handlers.size]).toEqual([0, 0]);
  state.snapshot = undefined;
  const { told, over } = listen();
  await later();
  expect([told, over.is, feeds.size.streams]).toEqual([[], true, 0]);
  feeds.close();
});

it('tells an account of a stream from its creation to its end, though facts trail behind', async () => {
  const { feeds, handlers, state } = world();
  const told: string[] = [];
  const leave = feeds.joinUser(7, 'private-user.7.jobs', { links, tell: (event) => void told.push(event) });
  const fact = (type: string) => handlers.get('events.*.7.*')!({ position: 1, id: 'x', type, account: 7, job: '0b6f3c2e-1c1a-4a55-9a51-0d6a1f7f6c11', version: 1, at: '' }, { subject: '', headers: {} });
  state.snapshot = jobOf('waiting', { a: 'queued' });
  fact('JobCreated');
  await later();
  state.snapshot = ENDED;
  fact('TaskFinished');
  await until(() => told.length === 2);
  fact('JobFinished');
  fact('JobDeleted');
  await later();
  expect([told, feeds.size]).toEqual([['job.created', 'job.finished'], { streams: 0, accounts: 1 }]);
  leave();
  expect([feeds.size, handlers.size]).toEqual([{ streams: 0, accounts: 0 }, 0]);
  feeds.close();
});
