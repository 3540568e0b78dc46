import { createLogger } from '@millrace/telemetry';
import { EndWatcher } from './end-watcher';

const log = createLogger({ service: 'test', level: 'silent' });
const awaited = (id: string) => ({ id, stream: id, account: 1 });
const later = () => new Promise(setImmediate);

function world() {
  const handlers = new Map<string, () => unknown>();
  const statuses = new Set<(connected: boolean) => void>();
  const ended = new Set<string>();
  const reads: string[][] = [];
  const state = { failing: false };
  const notices = {
    subscribe: (subject: string, handler: () => unknown) => {
      handlers.set(subject, handler);
      return { stop: () => void handlers.delete(subject) };
    },
    onStatus: (listener: (connected: boolean) => void) => {
      statuses.add(listener);
      return () => void statuses.delete(listener);
    },
  };
  const resources = {
    ended: async (ids: readonly string[]) => {
      reads.push([...ids]);
      if (state.failing) throw new Error('away');
      return new Set(ids.filter((id) => ended.has(id)));
    },
  };
  return { handlers, statuses, ended, reads, state, notices, resources };
}

it('listens before it reads, and tells the end when a notice comes', async () => {
  const { notices, resources, handlers, ended, reads } = world();
  const watcher = new EndWatcher(notices, resources, log);
  const waiting = watcher.wait(awaited('a'), new AbortController().signal);
  expect([...handlers.keys()]).toEqual(['events.*.1.a']);
  await later();
  expect(reads).toEqual([['a']]);
  ended.add('a');
  handlers.get('events.*.1.a')!();
  expect(await waiting).toBe(true);
  expect([watcher.size, handlers.size]).toEqual([0, 0]);
  watcher.close();
});

it('reads once more for a notice that comes while it reads', async () => {
  const { notices, resources, handlers, ended } = world();
  const watcher = new EndWatcher(notices, resources, log);
  const waiting = watcher.wait(awaited('a'), new AbortController().signal);
  ended.add('a');
  handlers.get('events.*.1.a')!();
  expect(await waiting).toBe(true);
  watcher.close();
});

it('reads all that is waited for in one query when the bus is back, and every so often', async () => {
  const { notices, resources, statuses, ended, reads } = world();
  const watcher = new EndWatcher(notices, resources, log);
  const both = Promise.all(['a', 'b'].map((id) => watcher.wait(awaited(id), new AbortController().signal)));
  await later();
  reads.length = 0;
  ended.add('a').add('b');
  for (const tell of statuses) tell(false);
  await later();
  expect(reads).toEqual([]);
  for (const tell of statuses) tell(true);
  expect(await both).toEqual([true, true]);
  expect(reads).toEqual([['a', 'b']]);
  watcher.close();
});

it('finds by reading what no notice told, also after a read that failed', async () => {
  const { notices, resources, ended, state } = world();
  const watcher = new EndWatcher(notices, resources, log, 5);
  state.failing = true;
  const waiting = watcher.wait(awaited('a'), new AbortController().signal);
  await later();
  state.failing = false;
  ended.add('a');
  expect(await waiting).toBe(true);
  watcher.close();
});

it('lets go of a client that went away, and of all when it is closed', async () => {
  const { notices, resources, handlers } = world();
  const watcher = new EndWatcher(notices, resources, log);
  const gone = new AbortController();
  const [first, second] = [watcher.wait(awaited('a'), gone.signal), watcher.wait(awaited('a'), new AbortController().signal)];
  gone.abort();
  expect(await first).toBe(false);
  expect([watcher.size, handlers.size]).toEqual([1, 1]);
  expect(await watcher.wait(awaited('a'), gone.signal)).toBe(false);
  watcher.close();
  await expect(second).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect(handlers.size).toBe(0);
});
