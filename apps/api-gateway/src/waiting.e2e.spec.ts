import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SUBJECTS } from '@millrace/contracts';
import { createTestDatabase, type RunningNats, startNats, type TestDatabase } from '@millrace/testing';
import { PNG } from './testing/png';
import { type RunningGateway, startGateway } from './testing/running-gateway';
import { sendForm } from './testing/upload-form';

let folder: string;
let nats: RunningNats;
let database: TestDatabase;
let gateway: RunningGateway;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'millrace-nats-'));
  nats = await startNats({ storeDir: folder });
  database = await createTestDatabase();
  gateway = await startGateway(database.url, { NATS_URL: nats.url });
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await database.drop();
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

it('answers a waiting client when the notice of the end comes', async () => {
  const job = (await gateway.call('POST', '/v2/jobs', { tasks: { up: { operation: 'import/upload' } } })).json.data;
  const account = job.tasks[0].user_id;
  const waits = [gateway.call('GET', `/v2/jobs/${job.id}/wait`), gateway.call('GET', `/v2/tasks/${job.tasks[0].id}/wait`)];
  expect((await sendForm(gateway.url, job.tasks[0].result.form, PNG)).status).toBe(201);
  // The relay's part: it runs elsewhere. The subscription may come after a first notice, so they are sent until the answers are there.
  const tell = setInterval(() => gateway.stores.bus.publish(SUBJECTS.event('JobFinished', account, job.id), {}), 20);
  const [ended, task] = await Promise.all(waits);
  clearInterval(tell);
  expect([ended!.status, ended!.json.data.status, task!.json.data.status]).toEqual([200, 'finished', 'finished']);
}, 12_000);

it('does not outlast its waiting clients when it stops', async () => {
  const other = await startGateway(database.url, { NATS_URL: nats.url });
  const { id } = (await other.call('POST', '/v2/import/upload', {})).json.data;
  const waiting = other.call('GET', `/v2/tasks/${id}/wait`);
  // A request on the same server that began later was answered, so the wait was heard before.
  await other.call('GET', `/v2/tasks/${id}`);
  await other.stop();
  expect((await waiting).status).toBe(503);
}, 20_000);

it('hints to the dispatcher after each commit', async () => {
  const heard = new Promise<void>((resolve) => {
    gateway.stores.bus.subscribe(SUBJECTS.nudge, () => resolve());
  });
  await gateway.call('POST', '/v2/import/url', { url: 'http://invalid.url' });
  await heard;
});
