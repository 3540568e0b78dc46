import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SUBJECTS } from '@millrace/contracts';
import { createLogger } from '@millrace/telemetry';
import { startNats, type RunningNats } from '@millrace/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { WrongLastSequence } from './bus-errors';
import { Connection } from './connection';
import { connectBus, type EventBus } from './event-bus';
import { pullOnce } from './pull';
import { allStreams, dlqStream, eventsStream, laneConsumer, workStream } from './streams';

const log = createLogger({ service: 'test', level: 'silent' });
const lane = { region: 'local', engine: 'sharp', version: '0.35' };
const definition = laneConsumer(lane);
const { durable } = definition;
const subject = SUBJECTS.work(lane);

describe('streams', () => {
  let dir: string;
  let server: RunningNats;
  let bus: EventBus;
  let raw: NatsConnection;

  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'bus-streams-'));
    server = await startNats({ storeDir: dir });
    bus = await connectBus({ url: server.url, name: 'owner', log });
    raw = await connect({ servers: server.url });
  });

  beforeEach(async () => {
    const manager = await jetstreamManager(raw);
    for await (const { config } of manager.streams.list()) await manager.streams.delete(config.name);
    await bus.ensureStreams(allStreams());
    await bus.ensureConsumer('WORK', definition);
  });

  afterAll(async () => {
    await bus.close();
    await raw.close();
    await server.stop();
    await rm(dir, { recursive: true });
  });

  it('are made as declared, again without effect, and changed where they differ', async () => {
    const before = await bus.streamInfo('EVENTS');
    await bus.ensureStreams([workStream(), dlqStream(), eventsStream({ maxAgeMs: 3_600_000 })]);
    await bus.ensureConsumer('WORK', { ...definition, ackWaitMs: 20_000 });
    const manager = await jetstreamManager(raw);
    const { config } = await manager.streams.info('EVENTS');
    expect([config.max_age, config.retention, config.storage]).toEqual([3_600e9, 'limits', 'file']);
    expect((await manager.streams.info('WORK')).config).toMatchObject({ retention: 'workqueue', duplicate_window: 100e6, subjects: ['work.>'] });
    expect((await manager.consumers.info('WORK', durable)).config).toMatchObject({ ack_wait: 20e9, max_deliver: -1, max_ack_pending: 10_000, filter_subject: 'work.local.sharp.0_35' });
    expect(await bus.streamInfo('EVENTS')).toEqual(before);
  });

  it('may be ensured by two owners at once', async () => {
    const other = await connectBus({ url: server.url, name: 'other', log });
    await (await jetstreamManager(raw)).streams.delete('EVENTS');
    await Promise.all([bus, other].map((owner) => owner.ensureStreams(allStreams())));
    expect((await bus.streamInfo('EVENTS')).lastSeq).toBe(0);
    await other.close();
  });

  it('refuse a publisher that expects another last sequence, and store nothing', async () => {
    const first = await bus.publishToStream('events.a.1.j', { n: 1 }, { expectLastSequence: 0, stream: 'EVENTS', headers: { 'Millrace-Position': '7' } });
    expect(first).toEqual({ stream: 'EVENTS', seq: 1, duplicate: false });
    const refusal = await bus.publishToStream('events.a.1.j', { n: 2 }, { expectLastSequence: 0, stream: 'EVENTS' }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(WrongLastSequence);
    expect(refusal).toMatchObject({ expected: 0, actual: 1, retryable: false });
    expect(await bus.lastMessage('EVENTS')).toMatchObject({ seq: 1, subject: 'events.a.1.j', payload: { n: 1 }, headers: { 'Millrace-Position': '7' } });
  });

  it('drop a repeat of a message id', async () => {
    await bus.publishToStream('dlq.x', 1, { msgId: 'a' });
    expect(await bus.publishToStream('dlq.x', 1, { msgId: 'a' })).toMatchObject({ seq: 1, duplicate: true });
  });

  it('tell an empty stream from a missing one', async () => {
    expect(await bus.lastMessage('EVENTS')).toBeUndefined();
    expect(await bus.consumerDepth('EVENTS', 'nobody')).toBeUndefined();
    expect(await bus.consumerDepth('NOWHERE', 'nobody')).toBeUndefined();
    await expect(bus.lastMessage('NOWHERE')).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await expect(bus.streamInfo('NOWHERE')).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await expect(bus.publishToStream('nowhere.x', 1)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });

  it('get a new identity when they are made again', async () => {
    const before = await bus.streamInfo('EVENTS');
    await (await jetstreamManager(raw)).streams.delete('EVENTS');
    await bus.ensureStreams(allStreams());
    expect((await bus.streamInfo('EVENTS')).createdAt).not.toBe(before.createdAt);
  });

  it('count the window of a lane: pending, then unsettled, then gone', async () => {
    for (const n of [1, 2, 3]) await bus.publishToStream(subject, { n });
    expect(await bus.consumerDepth('WORK', durable)).toEqual({ pending: 3, ackPending: 0 });
    const [first, second] = await bus.pull('WORK', durable, { batch: 2, expiresMs: 5_000 });
    expect(await bus.consumerDepth('WORK', durable)).toEqual({ pending: 1, ackPending: 2 });
    expect(first).toMatchObject({ subject, payload: { n: 1 }, seq: 1, redelivered: false, deliveryCount: 1, stream: 'WORK' });
    await first!.ack();
    second!.term();
    await bus.flush();
    expect(await bus.consumerDepth('WORK', durable)).toEqual({ pending: 1, ackPending: 0 });
  });

  it('stay apart by lane and version', async () => {
    const any = laneConsumer({ ...lane, version: 'any' });
    await bus.ensureConsumer('WORK', any);
    await bus.publishToStream(SUBJECTS.work({ ...lane, version: 'any' }), 'any');
    await bus.publishToStream(subject, 'pinned');
    const [one] = await bus.pull('WORK', any.durable, { batch: 5, expiresMs: 5_000 });
    const [two] = await bus.pull('WORK', durable, { batch: 5, expiresMs: 5_000 });
    expect([one!.payload, two!.payload]).toEqual(['any', 'pinned']);
  });

  it('deliver what is there without waiting for a full batch, and what comes to a pull that waits', async () => {
    const waiting = bus.pull('WORK', durable, { batch: 10, expiresMs: 60_000 });
    await bus.flush();
    await bus.publishToStream(subject, 'later');
    expect((await waiting).map((message) => message.payload)).toEqual(['later']);
    await bus.publishToStream(subject, 'a');
    await bus.publishToStream(subject, 'b');
    expect(await bus.pull('WORK', durable, { batch: 10, expiresMs: 60_000 })).toHaveLength(2);
  });

  it('deliver again after nak, and count deliveries', async () => {
    await bus.publishToStream(subject, 'again');
    const [first] = await bus.pull('WORK', durable, { batch: 1, expiresMs: 5_000 });
    first!.nak(0);
    const [second] = await bus.pull('WORK', durable, { batch: 1, expiresMs: 5_000 });
    expect(second).toMatchObject({ redelivered: true, deliveryCount: 2, seq: first!.seq });
  });

  it('drop an invitation that is not JSON', async () => {
    raw.publish(subject, '{"broken');
    await raw.flush();
    expect(await bus.pull('WORK', durable, { batch: 1, expiresMs: 5_000 })).toEqual([]);
    await bus.flush();
    expect(await bus.consumerDepth('WORK', durable)).toEqual({ pending: 0, ackPending: 0 });
  });

  it('keep a long pull alive by heartbeats, beyond the time after which silence counts', async () => {
    const connection = new Connection({ url: server.url, name: 'puller', log });
    await connection.whenConnected();
    expect((await pullOnce(connection, 'WORK', durable, { batch: 1, expiresMs: 7_000 })).end).toBe('done');
    await connection.close();
  });

  it('end a pull at its signal, without a message lost', async () => {
    const abort = new AbortController();
    const waiting = bus.pull('WORK', durable, { batch: 1, expiresMs: 60_000, signal: abort.signal });
    await bus.flush();
    abort.abort();
    expect(await waiting).toEqual([]);
    await bus.flush();
    await bus.publishToStream(subject, 'kept');
    expect(await bus.pull('WORK', durable, { batch: 1, expiresMs: 60_000 })).toHaveLength(1);
  });

  it('share one lane over many readers, each message once', async () => {
    const total = 100;
    const readers = Array.from({ length: 8 }, async (_, reader) => {
      const taken: unknown[] = [];
      for (;;) {
        const messages = await bus.pull('WORK', durable, { batch: 1 + (reader % 4), expiresMs: 1_000 });
        if (messages.length === 0) return taken;
        await Promise.all(messages.map((message) => message.ack()));
        taken.push(...messages.map((message) => message.payload));
      }
    });
    for (let n = 0; n < total; n += 1) await bus.publishToStream(subject, n);
    const taken = (await Promise.all(readers)).flat() as number[];
    expect(taken.sort((a, b) => a - b)).toEqual(Array.from({ length: total }, (_, n) => n));
  });

  it('do not leak subscriptions or listeners, however many pulls there were', async () => {
    const connection = new Connection({ url: server.url, name: 'puller', log });
    await connection.whenConnected();
    const abort = new AbortController();
    const { subscriptions } = (connection.live() as unknown as { protocol: { subscriptions: { size(): number } } }).protocol;
    // The first request makes the one inbox that all requests share.
    expect((await pullOnce(connection, 'NOWHERE', durable, { batch: 1, expiresMs: 1 })).end).toBe('missing');
    const before = subscriptions.size();
    for (let n = 0; n < 300; n += 1) {
      if (n % 3 === 0) await bus.publishToStream(subject, n);
      await pullOnce(connection, 'WORK', durable, { batch: 1, expiresMs: 1, signal: abort.signal });
    }
    expect(subscriptions.size()).toBe(before);
    await connection.close();
  });
});
