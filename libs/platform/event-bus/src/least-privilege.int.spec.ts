import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SUBJECTS } from '@millrace/contracts';
import { Failure } from '@millrace/failures';
import { createLogger } from '@millrace/telemetry';
import { startNats, type RunningNats } from '@millrace/testing';
import { AckPolicy, DeliverPolicy, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { connectBus, type EventBus } from './event-bus';
import { natsConfig } from './nats-config';
import { NATS_SERVICES, inboxPrefix, type NatsService } from './nats-permissions';
import { allStreams, laneConsumer } from './streams';

const log = createLogger({ service: 'test', level: 'silent' });
const users = Object.fromEntries(NATS_SERVICES.map((service) => [service, `${service}-password`]));
const lane = { region: 'local', engine: 'sharp', version: 'any' };

describe('every service does its work within its permissions', () => {
  let dir: string;
  let server: RunningNats;
  let rawAdmin: NatsConnection;
  const buses = {} as Record<NatsService, EventBus>;

  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'bus-privilege-'));
    server = await startNats({ storeDir: dir, config: (at) => natsConfig({ ...at, users, engines: { media: ['sharp'] }, consumerDurables: ['consumer', 'pusher'] }) });
    for (const service of NATS_SERVICES) {
      buses[service] = await connectBus({ url: server.url, user: service, password: users[service], name: service, inboxPrefix: inboxPrefix(service), log });
    }
    rawAdmin = await connect({ servers: server.url, user: 'admin', pass: users['admin'] });
    await buses.orchestrator.ensureStreams(allStreams());
    await buses.orchestrator.ensureConsumer('WORK', laneConsumer(lane));
    await buses.orchestrator.ensureConsumer('EVENTS', { durable: 'webhooks' });
  });

  afterAll(async () => {
    await Promise.all([rawAdmin.close(), ...Object.values(buses).map((bus) => bus.close())]);
    await server.stop();
    await rm(dir, { recursive: true });
  });

  it('a worker pulls its lane, claims, is answered, acknowledges, and hears the nudge to stop', async () => {
    const { orchestrator, media, gateway } = buses;
    orchestrator.reply(SUBJECTS.claimAny, 'orchestrator', async () => ({ verdict: 'gone' }));
    const stopped = new Promise((resolve) => media.subscribe(SUBJECTS.stop('*'), (_, { subject }) => resolve(subject)));
    await Promise.all([orchestrator.flush(), media.flush()]);
    await orchestrator.publishToStream(SUBJECTS.work(lane), { task: 't' });
    const [invitation] = await media.pull('WORK', laneConsumer(lane).durable, { batch: 1, expiresMs: 10_000 });
    expect(await media.request(SUBJECTS.claim('sharp'), invitation!.payload, { timeoutMs: 5_000 })).toEqual({ verdict: 'gone' });
    await invitation!.ack();
    expect(await orchestrator.consumerDepth('WORK', laneConsumer(lane).durable)).toEqual({ pending: 0, ackPending: 0 });
    gateway.publish(SUBJECTS.stop('r1'), null);
    expect(await stopped).toBe('run.stop.r1');
  });

  it('the gateway hears events and progress, and nudges the dispatcher', async () => {
    const { orchestrator, gateway } = buses;
    const heard = Promise.all(['events.>', 'progress.>'].map((subject) => new Promise((resolve) => gateway.subscribe(subject, resolve))));
    const nudged = new Promise((resolve) => orchestrator.subscribe(SUBJECTS.nudge, resolve));
    await Promise.all([orchestrator.flush(), gateway.flush()]);
    await orchestrator.publishToStream(SUBJECTS.event('job.created', 1, 'j'), 'fact');
    orchestrator.publish(SUBJECTS.progress(1, 'j'), 50);
    gateway.publish(SUBJECTS.nudge, null);
    expect(await heard).toEqual(['fact', 50]);
    await nudged;
  });

  it('the webhook dispatcher reads its durable and leaves dead letters', async () => {
    const stop = new AbortController();
    const running = buses.webhooks.consume('EVENTS', 'webhooks', () => Promise.reject(new Failure('INVALID_DATA', 'Never')), { concurrency: 1, signal: stop.signal });
    await buses.orchestrator.ensureConsumer('DLQ', { durable: 'letters' });
    await buses.orchestrator.publishToStream('events.x.1.j', 'dead');
    const [letter] = await buses.admin.pull('DLQ', 'letters', { batch: 1, expiresMs: 10_000 });
    expect(letter!.subject).toBe('dlq.webhooks');
    stop.abort();
    await running;
  });

  it('a consumer makes its durable, reads, and catches up from the log', async () => {
    const { consumer, orchestrator } = buses;
    orchestrator.reply(SUBJECTS.logRead, 'orchestrator', async () => ({ events: [] }));
    await orchestrator.flush();
    await consumer.ensureConsumer('EVENTS', { durable: 'consumer', filterSubject: 'events.told.>' });
    await orchestrator.publishToStream('events.told.1.j', 'fact');
    const [message] = await consumer.pull('EVENTS', 'consumer', { batch: 1, expiresMs: 10_000 });
    await message!.ack();
    expect(message!.payload).toBe('fact');
    expect(await consumer.request(SUBJECTS.logRead, { after: 0, limit: 1 }, { timeoutMs: 5_000 })).toEqual({ events: [] });
    await expect(consumer.publishToStream('events.told.1.j', 'forged', { timeoutMs: 500 })).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect((await orchestrator.lastMessage('EVENTS', 'events.told.>'))!.payload).toBe('fact');
  });

  it('a consumer cannot have facts delivered as commands or nudges', async () => {
    const { media, orchestrator, admin } = buses;
    const heard: unknown[] = [];
    media.subscribe('run.stop.*', (_, { subject }) => heard.push(subject));
    await media.flush();
    const raw = await connect({ servers: server.url, user: 'consumer', pass: users['consumer'], inboxPrefix: inboxPrefix('consumer') });
    const manager = await jetstreamManager(raw, { checkAPI: false });
    await manager.consumers.add('EVENTS', { name: 'pusher', durable_name: 'pusher', deliver_subject: 'run.stop.r2', ack_policy: AckPolicy.None, deliver_policy: DeliverPolicy.All, filter_subject: 'events.pushed.>' });
    const delivered = new Promise((resolve) => rawAdmin.subscribe('run.stop.r2', { callback: (_, { subject }) => resolve(subject) }));
    await rawAdmin.flush();
    await orchestrator.publishToStream('events.pushed.1.j', 'fact');
    expect(await delivered).toBe('events.pushed.1.j');
    admin.publish(SUBJECTS.stop('r3'), null);
    await Promise.all([admin.flush(), media.flush()]);
    expect(heard).toEqual(['run.stop.r3']);
    await raw.close();
  });
});
