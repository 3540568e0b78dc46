import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { startNats, type RunningNats } from '@millrace/testing';
import { natsConfig } from './nats-config';
import { NATS_SERVICES, inboxPrefix, type NatsService } from './nats-permissions';

const users = Object.fromEntries(NATS_SERVICES.map((service) => [service, `${service}-password`]));

describe('the NATS users', () => {
  let dir: string;
  let server: RunningNats;
  const connections: NatsConnection[] = [];

  const as = async (service: NatsService): Promise<NatsConnection> => {
    const connection = await connect({ servers: server.url, user: service, pass: users[service], inboxPrefix: inboxPrefix(service), reconnect: false });
    connections.push(connection);
    return connection;
  };

  /** Publishes, and tells whether the server let it through: the reason of its refusal arrives before the answer to a flush. */
  const mayPublish = async (service: NatsService, subject: string, reply?: string): Promise<boolean> => {
    const connection = await as(service);
    const listener = await as('admin');
    let arrived = 0;
    listener.subscribe(subject, {
      callback: () => {
        arrived += 1;
      },
    });
    await listener.flush();
    connection.publish(subject, '{}', { reply });
    await connection.flush();
    await listener.flush();
    return arrived > 0;
  };

  const maySubscribe = async (service: NatsService, subject: string): Promise<boolean> => {
    const connection = await as(service);
    const refused = new Promise<boolean>((resolve) => {
      const subscription = connection.subscribe(subject, {
        callback: (error) => {
          if (error) resolve(false);
        },
      });
      void connection.flush().then(() => resolve(!subscription.isClosed()));
    });
    return refused;
  };

  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'nats-permissions-'));
    server = await startNats({
      storeDir: dir,
      config: (at) => natsConfig({ ...at, users, engines: { media: ['sharp'], document: ['fault'] } }),
    });
    const manager = await jetstreamManager(await as('orchestrator'));
    await manager.streams.add({ name: 'EVENTS', subjects: ['events.>'] });
    await manager.streams.add({ name: 'WORK', subjects: ['work.>'] });
  });

  afterAll(async () => {
    await Promise.all(connections.map((connection) => connection.close()));
    await server.stop();
    await rm(dir, { recursive: true });
  });

  it.each<[NatsService, string, boolean]>([
    ['media', 'task.claim.sharp', true],
    ['media', 'task.claim.fault', false],
    ['document', 'task.claim.fault', true],
    ['document', 'task.claim.sharp', false],
    ['media', 'again.task.claim.sharp', true],
    ['media', 'again.task.claim.fault', false],
    ['media', 'again.task.report', true],
    ['media', 'task.beat', true],
    ['media', 'task.report', true],
    ['media', 'pool.announce', true],
    ['media', 'run.stop.1', false],
    ['media', 'log.read', false],
    ['media', 'work.local.sharp.any', false],
    ['media', 'events.job.finished.1.j', false],
    ['media', '_INBOX_document.x', false],
    ['media', '$JS.API.STREAM.DELETE.WORK', false],
    ['media', '$JS.API.CONSUMER.MSG.NEXT.WORK.local_fault_any', false],
    ['media', '$JS.API.CONSUMER.MSG.NEXT.WORK.local_sharp_any', true],
    ['consumer', 'events.job.finished.1.j', false],
    ['consumer', 'work.local.sharp.any', false],
    ['consumer', 'task.report', false],
    ['consumer', 'run.stop.1', false],
    ['consumer', 'log.read', true],
    ['consumer', '$JS.API.STREAM.PURGE.EVENTS', false],
    ['consumer', '$JS.API.CONSUMER.CREATE.WORK.consumer', false],
    ['consumer', '$JS.API.CONSUMER.CREATE.EVENTS.webhooks', false],
    ['gateway', 'task.claim.sharp', false],
    ['gateway', 'nudge.job-log', true],
    ['webhooks', 'events.x.1.j', false],
    ['orchestrator', 'events.x.1.j', true],
  ])('%s publishing to %s: %s', async (service, subject, allowed) => {
    expect(await mayPublish(service, subject)).toBe(allowed);
  });

  it.each<[NatsService, string, boolean]>([
    ['media', '_INBOX_media.x', true],
    ['media', '_INBOX_document.>', false],
    ['media', 'task.claim.sharp', false],
    ['media', 'events.>', false],
    ['media', 'run.stop.*', true],
    ['consumer', 'events.>', true],
    ['consumer', '_INBOX_gateway.>', false],
    ['consumer', 'task.report', false],
    ['gateway', 'task.report', false],
    ['media', 'again.task.claim.sharp', false],
    ['orchestrator', 'task.claim.*', true],
    ['orchestrator', 'again.task.claim.*', true],
  ])('%s subscribing to %s: %s', async (service, subject, allowed) => {
    expect(await maySubscribe(service, subject)).toBe(allowed);
  });

  it('lets a consumer make its own durable on EVENTS and read it', async () => {
    const manager = await jetstreamManager(await as('consumer'), { checkAPI: false });
    await manager.consumers.add('EVENTS', { durable_name: 'consumer', ack_policy: 'explicit' });
    (await as('orchestrator')).publish('events.readable.1.j', '{}');
    const consumer = await manager.jetstream().consumers.get('EVENTS', 'consumer');
    const message = await consumer.next({ expires: 5000 });
    expect(message?.subject).toMatch(/^events\./);
    expect(await message?.ackAck()).toBe(true);
  });

  it('refuses a wrong password', async () => {
    await expect(connect({ servers: server.url, user: 'media', pass: 'document-password' })).rejects.toThrow(/authorization/i);
  });
});
