import { KeyCache, type LiveKey } from '@millrace/access';
import { Failure } from '@millrace/failures';
import { hashApiKey } from '@millrace/signing';
import { createLogger } from '@millrace/telemetry';
import type { Member } from './feed';
import { SocketDesk } from './socket-desk';
import type { StreamId } from './snapshot';
import { aloneIn, jobOf, links } from './testing/rows';

const log = createLogger({ service: 'test', level: 'silent' });
const uuid = (count: number): string => `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
const asking = (channel: string, key = 'good') => ({ channel, auth: { headers: { Authorization: `Bearer ${key}` } } });

function world() {
  let now = 0;
  const keys = new Map<string, Partial<LiveKey>>([['good', { scopes: ['task.read'] }], ['writer', { scopes: ['task.write'] }]]);
  const state = { away: 0, now: (ms: number) => (now = ms) };
  const lookup = async (hash: string) => {
    if (state.away > 0) {
      state.away -= 1;
      throw new Failure('SERVICE_UNAVAILABLE', 'away');
    }
    const [, key] = [...keys].find(([token]) => hashApiKey(token) === hash) ?? [];
    return key && ({ id: 'k', account: 7, hash, ...key } as LiveKey);
  };
  const joined: (StreamId & { member: Member })[] = [];
  const left: string[] = [];
  const feeds = {
    join: (id: StreamId, member: Member) => (joined.push({ ...id, member }), () => void left.push(member.channel)),
    joinUser: (account: number, channel: string) => (joined.push({ account, stream: '*', member: { channel } as Member }), () => void left.push(channel)),
  };
  const tasks: Record<string, unknown> = { [uuid(1)]: aloneIn('running').tasks[0], [uuid(2)]: jobOf('processing', { a: 'running' }).tasks[0] };
  const resources = { task: async (id: string) => (tasks[id] === undefined ? undefined : { task: tasks[id] as never, percent: undefined }) };
  const desk = new SocketDesk({ feeds, keys: new KeyCache({ liveKey: lookup }, () => now), resources, log }, { links, tell: () => undefined });
  return { desk, keys, state, joined, left };
}

it('joins what its key may know, each channel once', async () => {
  const { desk, joined } = world();
  const channels = [`private-job.${uuid(9)}`, `private-job.${uuid(9)}.tasks`, `private-task.${uuid(1)}`, `private-task.${uuid(2)}`, 'private-user.7.jobs'];
  for (const channel of [...channels, ...channels]) desk.subscribe(asking(channel));
  await desk.settled;
  expect(joined.map(({ account, stream, task, member }) => [member.channel, account, stream, task])).toEqual([
    [channels[0], 7, uuid(9), undefined],
    [channels[1], 7, uuid(9), undefined],
    [channels[2], 7, 'stream', 'alone'],
    [channels[3], 7, 'job', undefined],
    [channels[4], 7, '*', undefined],
  ]);
  expect(desk.isProven).toBe(true);
});

it('joins nothing for another account, another key, another scope or a task that is not there', async () => {
  const { desk, joined } = world();
  for (const payload of [asking('private-user.8.jobs', 'writer'), asking(`private-job.${uuid(9)}`, 'wrong'), asking(`private-job.${uuid(9)}`, 'writer'), asking('private-job.x', 'wrong'), 'x', null]) desk.subscribe(payload);
  await desk.settled;
  expect([joined, desk.isProven]).toEqual([[], false]);
  for (const channel of ['private-user.8.jobs', `private-task.${uuid(3)}`]) desk.subscribe(asking(channel));
  await desk.settled;
  expect([joined, desk.isProven]).toEqual([[], true]);
});

it('waits while keys cannot be looked up, and in order', async () => {
  const { desk, joined, state } = world();
  state.away = 1;
  desk.subscribe(asking(`private-job.${uuid(1)}`));
  desk.subscribe(asking(`private-job.${uuid(2)}`));
  await new Promise(setImmediate);
  expect(joined).toEqual([]);
  await desk.settled;
  expect(joined.map(({ stream }) => stream)).toEqual([uuid(1), uuid(2)]);
});

it('has room for a thousand channels that are open; those that are over do not count', async () => {
  const { desk, joined } = world();
  const ask = async (from: number, to: number): Promise<void> => {
    for (let count = from; count < to; count += 1) desk.subscribe(asking(`private-job.${uuid(count)}`));
    await desk.settled;
  };
  await ask(0, 1_000);
  await ask(1_000, 1_010);
  expect(joined).toHaveLength(1_000);
  for (const { member } of joined.slice(0, 5)) member.over();
  await ask(0, 5);
  expect(joined).toHaveLength(1_000);
  await ask(2_000, 2_010);
  expect(joined).toHaveLength(1_005);
});

it('leaves the channels of a key that was revoked, and all when it closes', async () => {
  const { desk, keys, left, state } = world();
  keys.set('second', { scopes: ['task.read'] });
  desk.subscribe(asking(`private-job.${uuid(1)}`));
  desk.subscribe(asking(`private-job.${uuid(2)}`, 'second'));
  await desk.settled;
  state.now(10_000);
  await desk.recheck();
  expect(left).toEqual([]);
  keys.delete('good');
  state.now(20_000);
  await desk.recheck();
  expect(left).toEqual([`private-job.${uuid(1)}`]);
  desk.close();
  expect(left).toEqual([`private-job.${uuid(1)}`, `private-job.${uuid(2)}`]);
});
