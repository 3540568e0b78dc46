import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { type EventType, SUBJECTS } from '@millrace/contracts';
import { createTestDatabase, type RunningNats, SocketClient, type SocketGeneration, startNats, type TestDatabase } from '@millrace/testing';
import { PNG } from './testing/png';
import { type RunningGateway, startGateway } from './testing/running-gateway';
import { sendForm } from './testing/upload-form';

let folder: string;
let nats: RunningNats;
let database: TestDatabase;
let gateways: readonly [RunningGateway, RunningGateway];
const sockets: SocketClient[] = [];
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'millrace-nats-'));
  nats = await startNats({ storeDir: folder });
  database = await createTestDatabase();
  gateways = [await startGateway(database.url, { NATS_URL: nats.url }), await startGateway(database.url, { NATS_URL: nats.url })];
}, 60_000);
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});
afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await database.drop();
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

const socketOf = (gateway: RunningGateway, generation: SocketGeneration = 4): SocketClient => {
  const socket = SocketClient.open(gateway.url, { generation });
  sockets.push(socket);
  return socket;
};

interface NewJob {
  readonly id: string;
  readonly account: number;
  readonly task: string;
  /** Ends the job: its one task is an upload. */
  upload(): Promise<void>;
}

async function newJob(gateway = gateways[0], key?: string): Promise<NewJob> {
  const { data } = (await gateway.call('POST', '/v2/jobs', { tasks: { up: { operation: 'import/upload' } } }, { ...(key !== undefined && { key }) })).json;
  const [task] = data.tasks;
  return {
    id: data.id,
    account: task.user_id,
    task: task.id,
    upload: async () => expect((await sendForm(gateway.url, task.result.form, PNG)).status).toBe(201) as unknown as void,
  };
}

/** The relay's part, which runs elsewhere. */
function relay(type: EventType, { account, id }: NewJob, task?: string): void {
  gateways[0].stores.bus.publish(SUBJECTS.event(type, account, id), { position: 1, id: randomUUID(), type, account, job: id, task, version: 1, at: new Date().toISOString() });
}

/** An answer after which everything that was sent before has been looked at: subscriptions of a socket are taken one after the other. */
async function settled(socket: SocketClient, key: string): Promise<void> {
  const job = await newJob();
  await job.upload();
  socket.subscribe(`private-job.${job.id}`, key);
  await socket.event('job.finished', `private-job.${job.id}`);
}

it.each([4, 2] as const)('tells what happens to a job and its tasks, with two arguments, to generation %i of the client', async (generation) => {
  const [, other] = gateways;
  const job = await newJob();
  const socket = socketOf(other, generation);
  const [ofJob, ofTasks, ofTask] = [`private-job.${job.id}`, `private-job.${job.id}.tasks`, `private-task.${job.task}`] as const;
  for (const channel of [ofJob, ofTasks, ofTask]) socket.subscribe(channel, other.key);
  await settled(socket, other.key);
  await job.upload();
  relay('TaskFinished', job, job.task);
  relay('JobFinished', job);
  const { data } = await socket.event('job.finished', ofJob);
  expect(data).toEqual({ job: (await other.call('GET', `/v2/jobs/${job.id}`)).json.data });
  expect((await socket.event('task.finished', ofTasks)).data).toEqual({ task: (await other.call('GET', `/v2/tasks/${job.task}`)).json.data });
  await socket.event('task.finished', ofTask);
  await settled(socket, other.key);
  expect([ofJob, ofTasks, ofTask].map((channel) => socket.eventsOf(channel))).toEqual([['job.finished'], ['task.finished'], ['task.finished']]);
});

it('tells a late subscriber what is over, once, however often they ask', async () => {
  const job = await newJob();
  await job.upload();
  const socket = socketOf(gateways[1]);
  const [ofJob, ofTasks, ofTask] = [`private-job.${job.id}`, `private-job.${job.id}.tasks`, `private-task.${job.task}`] as const;
  for (const channel of [ofJob, ofTasks, ofTask, ofJob, ofTasks, ofTask]) socket.subscribe(channel, gateways[0].key);
  await socket.event('job.finished', ofJob);
  await socket.event('task.finished', ofTasks);
  relay('TaskFinished', job, job.task);
  relay('JobFinished', job);
  socket.subscribe(ofJob, gateways[0].key);
  await settled(socket, gateways[0].key);
  expect([ofJob, ofTasks, ofTask].map((channel) => socket.eventsOf(channel))).toEqual([['job.finished'], ['task.finished'], ['task.finished']]);
});

it('tells an account of all that is its own, standalone tasks too, from their creation on', async () => {
  const [gateway] = gateways;
  const key = await gateway.newKey({ email: 'user-channels@millrace.test' });
  const { id: account } = (await gateway.call('GET', '/v2/users/me', undefined, { key })).json.data;
  const socket = socketOf(gateway);
  const [ofJobs, ofTasks] = [`private-user.${account}.jobs`, `private-user.${account}.tasks`] as const;
  for (const channel of [ofJobs, ofTasks]) socket.subscribe(channel, key);
  await settled(socket, gateway.key);
  const job = await newJob(gateway, key);
  relay('JobCreated', job);
  expect((await socket.event('job.created', ofJobs)).data.job).toMatchObject({ id: job.id, status: 'waiting' });
  await job.upload();
  for (let count = 0; count < 3; count += 1) relay('TaskFinished', job, job.task);
  relay('JobFinished', job);
  expect((await socket.event('job.finished', ofJobs)).data.job).toMatchObject({ id: job.id, status: 'finished' });
  const { data: task } = (await gateway.call('POST', '/v2/import/upload', {}, { key })).json;
  relay('TaskDefined', { ...job, id: task.id }, task.id);
  await socket.event('task.created', ofTasks);
  await gateway.call('POST', `/v2/tasks/${task.id}/cancel`, undefined, { key });
  relay('TaskCancelled', { ...job, id: task.id }, task.id);
  expect((await socket.event('task.failed', ofTasks)).data.task).toMatchObject({ id: task.id, code: 'CANCELLED' });
  relay('JobFinished', job);
  await settled(socket, gateway.key);
  expect([socket.eventsOf(ofJobs), socket.eventsOf(ofTasks)]).toEqual([
    ['job.created', 'job.finished'],
    ['task.created', 'task.finished', 'task.created', 'task.failed'],
  ]);
});

it('tells nothing to those who may not know: a wrong key, another account, a scope that lacks, what is missing or malformed', async () => {
  const [gateway] = gateways;
  const job = await newJob();
  await job.upload();
  const [other, writer] = [await gateway.newKey({ email: 'other@millrace.test' }), await gateway.newKey({ scopes: ['task.write', 'user.read'] })];
  const socket = socketOf(gateway);
  const channels = [`private-job.${job.id}`, `private-job.${job.id}.tasks`, `private-task.${job.task}`, `private-user.${job.account}.jobs`, `private-user.${job.account}.tasks`];
  for (const channel of channels) for (const key of ['wrong', other, writer, '']) socket.subscribe(channel, key);
  for (const channel of [`private-job.${randomUUID()}`, `private-task.${randomUUID()}`, `private-job.${job.task}`, `private-task.${job.id}`, 'private-job.1', 'x'.repeat(100_000 / 64)]) socket.subscribe(channel, gateway.key);
  relay('JobFinished', job);
  await settled(socket, gateway.key);
  expect(socket.told).toHaveLength(1);
});

it('stays up whatever it is sent, and cuts off who sends too much', async () => {
  const [gateway] = gateways;
  const socket = socketOf(gateway);
  for (const payload of [undefined, null, 7, 'x', [], {}, { channel: null }, { channel: {}, auth: {} }, { channel: 'x', auth: { headers: { Authorization: 1 } } }, { channel: '__proto__', auth: { headers: null } }]) {
    socket.socket.emit('subscribe', payload);
    socket.socket.emit('subscribe', payload, () => undefined);
  }
  socket.socket.emit('subscribe');
  socket.socket.emit('other', Buffer.alloc(10));
  await settled(socket, gateway.key);
  const large = SocketClient.open(gateway.url, { reconnection: false });
  sockets.push(large);
  await large.connected();
  large.socket.emit('subscribe', { channel: 'x'.repeat(64 * 1024) });
  await large.connected(false);
  await settled(socket, gateway.key);
  expect((await gateway.call('GET', '/health/live')).status).toBe(200);
});

it('finds an end that happened while NATS was away, as soon as it is back', async () => {
  const job = await newJob();
  const socket = socketOf(gateways[1]);
  socket.subscribe(`private-job.${job.id}`, gateways[1].key);
  await settled(socket, gateways[1].key);
  await nats.stop();
  await job.upload();
  relay('JobFinished', job);
  const late = socketOf(gateways[0]);
  late.subscribe(`private-job.${job.id}`, gateways[0].key);
  await late.event('job.finished');
  nats = await startNats({ storeDir: folder, port: nats.port });
  await socket.event('job.finished', `private-job.${job.id}`);
}, 30_000);

it('leaves with the sockets: nothing is listened to for nobody', async () => {
  const other = await startGateway(database.url, { NATS_URL: nats.url });
  const job = await newJob(other);
  const socket = SocketClient.open(other.url, { reconnection: false });
  socket.subscribe(`private-job.${job.id}`, other.key);
  await settled(socket, other.key);
  await other.stop();
  await socket.connected(false);
  socket.close();
}, 20_000);
