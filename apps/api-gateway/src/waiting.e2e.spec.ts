import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SUBJECTS } from '@millrace/contracts';
import { connectBus, type EventBus } from '@millrace/event-bus';
import { createLogger } from '@millrace/telemetry';
import { type RunningNats, startNats } from '@millrace/testing';
import { PNG } from './testing/png';
import { type RunningGateway, startGateway } from './testing/running-gateway';
import { sendForm } from './testing/upload-form';

let folder: string;
let nats: RunningNats;
let bus: EventBus;
let gateway: RunningGateway;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'millrace-nats-'));
  nats = await startNats({ storeDir: folder });
  bus = await connectBus({ url: nats.url, name: 'test', log: createLogger({ service: 'test', level: 'silent' }) });
  gateway = await startGateway({ NATS_URL: nats.url });
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await bus.close();
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

it('answers a waiting client when the notice of the end comes', async () => {
  const job = (await gateway.call('POST', '/v2/jobs', { tasks: { up: { operation: 'import/upload' } } })).json.data;
  const account = job.tasks[0].user_id;
  const waits = [gateway.call('GET', `/v2/jobs/${job.id}/wait`), gateway.call('GET', `/v2/tasks/${job.tasks[0].id}/wait`)];
  expect((await sendForm(gateway.url, job.tasks[0].result.form, PNG)).status).toBe(201);
  // The relay's part: it runs elsewhere. The subscription may come after a first notice, so they are sent until the answers are there.
  const tell = setInterval(() => bus.publish(SUBJECTS.event('JobFinished', account, job.id), {}), 20);
  const [ended, task] = await Promise.all(waits);
  clearInterval(tell);
  expect([ended!.status, ended!.json.data.status, task!.json.data.status]).toEqual([200, 'finished', 'finished']);
}, 12_000);

it('hints to the dispatcher after each commit', async () => {
  const heard = new Promise<void>((resolve) => {
    bus.subscribe(SUBJECTS.nudge, () => resolve());
  });
  await bus.request('flush', {}, { timeoutMs: 500 }).catch(() => undefined);
  await gateway.call('POST', '/v2/import/url', { url: 'http://invalid.url' });
  await heard;
});
