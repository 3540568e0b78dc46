import { SocketClient, type SocketGeneration } from '@millrace/testing';
import { startStack, type Stack } from '../testing/stack';
import { otherAccount } from './accounts';
import { Client, taskNamed } from './client';

let stack: Stack;
let client: Client;
const sockets: SocketClient[] = [];
beforeAll(async () => {
  stack = await startStack({ scale: 'api-gateway=2' });
  client = Client.of(stack);
}, 120_000);
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});
afterAll(async () => {
  await stack?.stop();
}, 120_000);

const socketOf = (gateway = 0, generation: SocketGeneration = 4): SocketClient => {
  const socket = SocketClient.open(stack.gateways[gateway]!, { generation });
  sockets.push(socket);
  return socket;
};

/** Names of events without repeats of progress, in their order. */
const inOrder = (events: readonly string[]): string[] => events.filter((event, index) => event !== 'task.updated' || events[index - 1] !== event);

const slow = { in: { operation: 'import/raw', file: 'content', filename: 'a.txt' }, do: { operation: 'fault', input: 'in', mode: 'progress', ms: 6_000 }, out: { operation: 'export/url', input: 'do' } };

describe('a job is told as it goes', () => {
  it.each([4, 2] as const)('at either gateway, to generation %i: updated, how far it is, finished with its files', async (generation) => {
    const both = [socketOf(0, generation), socketOf(1, generation)];
    const job = await client.createJob(slow);
    const [ofJob, ofTasks] = [`private-job.${job.id}`, `private-job.${job.id}.tasks`] as const;
    for (const socket of both) for (const channel of [ofJob, ofTasks]) socket.subscribe(channel, stack.apiKey);
    for (const socket of both) {
      const { data } = await socket.event('job.finished', ofJob);
      expect(data.job).toEqual(await client.job(job.id));
      expect(taskNamed(data.job, 'out').result!.files).toMatchObject([{ filename: 'a.txt', url: expect.any(String) }]);
      const ofRun = socket.told.filter((told) => told.channel === ofTasks && told.data.task.name === 'do');
      expect(inOrder(ofRun.map(({ event }) => event))).toEqual(['task.updated', 'task.finished']);
      const percents = ofRun.map(({ data: told }) => told.task.percent as number);
      expect(percents.filter((percent) => percent > 0 && percent < 100).length).toBeGreaterThan(0);
      expect([...percents].sort((a, b) => a - b)).toEqual(percents);
      expect(socket.eventsOf(ofJob).at(-1)).toBe('job.finished');
    }
  }, 60_000);

  it('to the channels of its account from its creation on, and of nobody else', async () => {
    const stranger = otherAccount(stack, 'stranger@millrace.test');
    const { id: account } = JSON.parse((await client.call('GET', '/v2/users/me')).text).data as { id: number };
    const [own, foreign] = [socketOf(1), socketOf(1)];
    const channels = [`private-user.${account}.jobs`, `private-user.${account}.tasks`] as const;
    for (const channel of channels) {
      own.subscribe(channel, stack.apiKey);
      foreign.subscribe(channel, stranger.key);
    }
    await listening(own, stack.apiKey);
    const first = await client.run({ do: { operation: 'fault' }, out: { operation: 'export/url', input: 'do' } });
    const standalone = await client.createTask('fault');
    await client.endedTask(standalone.id);
    await told(own, 'job.finished', first.id);
    await told(own, 'task.finished', standalone.id);
    const of = (id: string): string[] => own.told.filter(({ data, channel }) => channel.startsWith('private-user') && (data.job ?? data.task).id === id).map(({ event }) => event);
    expect([of(first.id)[0], of(first.id).at(-1)]).toEqual(['job.created', 'job.finished']);
    expect([of(standalone.id)[0], of(standalone.id).at(-1)]).toEqual(['task.created', 'task.finished']);
    for (const id of [first.id, standalone.id, ...first.tasks.map((task) => task.id)]) {
      expect(of(id).filter((event) => /created|finished/.test(event))).toHaveLength(2);
    }
    await listening(foreign, stranger.key, stranger);
    expect(foreign.told.filter(({ channel }) => channel.startsWith('private-user'))).toEqual([]);
  });

  it('when it fails, its tasks first', async () => {
    const job = await client.createJob({ do: { operation: 'fault', mode: 'fail' }, out: { operation: 'convert', input: 'do', output_format: 'jpg' }, end: { operation: 'export/url', input: 'out' } });
    const socket = socketOf();
    for (const channel of [`private-job.${job.id}.tasks`, `private-job.${job.id}`]) socket.subscribe(channel, stack.apiKey);
    const { data } = await socket.event('job.failed');
    expect(data.job.status).toBe('error');
    const failed = socket.told.filter(({ event }) => event.endsWith('failed'));
    expect([failed.length, failed.at(-1)!.event]).toEqual([4, 'job.failed']);
    expect(failed.slice(0, -1).map(({ data: { task } }) => [task.name, task.code])).toEqual([
      ['do', 'INVALID_INPUT'],
      ['out', 'INPUT_TASK_FAILED'],
      ['end', 'INPUT_TASK_FAILED'],
    ]);
  });
});

it('a hundred who come at any time are all told the end, once', async () => {
  const jobs = await Promise.all(Array.from({ length: 10 }, () => client.createJob({ do: { operation: 'fault', mode: 'sleep', ms: 300 } })));
  const socket = [socketOf(0), socketOf(1)];
  const ends = jobs.flatMap(({ id }, index) =>
    Array.from({ length: 10 }, async (_, wait) => {
      await new Promise((resolve) => setTimeout(resolve, 60 * wait + index));
      const late = wait < 2 ? socket[wait]! : socketOf(wait % 2);
      late.subscribe(`private-job.${id}`, stack.apiKey);
      await late.event('job.finished', `private-job.${id}`);
      return late.eventsOf(`private-job.${id}`).filter((event) => event === 'job.finished').length;
    }),
  );
  expect(new Set(await Promise.all(ends))).toEqual(new Set([1]));
}, 60_000);

it('NATS may die in between', async () => {
  const job = await client.createJob(slow);
  const socket = socketOf(1);
  const channel = `private-job.${job.id}`;
  socket.subscribe(channel, stack.apiKey);
  await listening(socket, stack.apiKey);
  expect(stack.kill('nats')).toBeDefined();
  await stack.healthy();
  expect((await socket.event('job.finished', channel)).data.job.status).toBe('finished');
}, 60_000);

/** Resolves once all that a socket subscribed to so far has been taken: it is told the end of a job that ended before. */
async function listening(socket: SocketClient, key: string, by = client): Promise<void> {
  const { id } = await by.run({ do: { operation: 'fault' } });
  socket.subscribe(`private-job.${id}`, key);
  await socket.event('job.finished', `private-job.${id}`);
}

async function told(socket: SocketClient, event: string, id: string): Promise<void> {
  for (const end = Date.now() + 20_000; !socket.told.some(({ event: name, data }) => name === event && (data.job ?? data.task).id === id); ) {
    if (Date.now() > end) throw new Error(`${event} of ${id} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
