import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createLogger } from '@millrace/telemetry';
import { startNats, type RunningNats } from '@millrace/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { connectBus, type EventBus } from './event-bus';
import { allStreams } from './streams';

const reader = { durable: 'reader', filterSubject: 'events.>' };

describe('when NATS fails', () => {
  let dir: string;
  let server: RunningNats;
  let bus: EventBus;
  let lines: string[];
  let onLine: () => void;
  const log = createLogger({
    service: 'test',
    destination: {
      write: (line: string) => {
        lines.push(line);
        onLine();
      },
    },
  });

  beforeEach(async () => {
    lines = [];
    onLine = () => undefined;
    dir = await mkdtemp(path.join(tmpdir(), 'bus-outages-'));
    server = await startNats({ storeDir: path.join(dir, 'store') });
    bus = await connectBus({ url: server.url, name: 'survivor', log });
    await bus.ensureStreams(allStreams());
    await bus.ensureConsumer('EVENTS', reader);
  });

  afterEach(async () => {
    await bus.close();
    await server.stop();
    await rm(dir, { recursive: true });
  });

  const becomes = (connected: boolean): Promise<void> =>
    new Promise((resolve) => {
      const off = bus.onStatus((now) => {
        if (now !== connected) return;
        off();
        resolve();
      });
    });

  const logged = (text: string): Promise<void> =>
    new Promise((resolve) => {
      onLine = () => {
        if (lines.some((line) => line.includes(text))) resolve();
      };
      onLine();
    });

  /** Reads EVENTS in the background; `next` resolves with the payload of the next message. */
  const reading = () => {
    const stop = new AbortController();
    const got: unknown[] = [];
    let wake = (): void => undefined;
    const running = bus.consume(
      'EVENTS',
      'reader',
      async ({ payload }) => {
        got.push(payload);
        wake();
      },
      { concurrency: 1, signal: stop.signal },
    );
    return {
      next: async (): Promise<unknown> => {
        if (got.length === 0) await new Promise<void>((resolve) => (wake = resolve));
        return got.shift();
      },
      end: () => {
        stop.abort();
        return running;
      },
    };
  };

  const restart = async (): Promise<void> => {
    const back = becomes(true);
    server = await startNats({ storeDir: path.join(dir, 'store'), port: server.port });
    await back;
  };

  it('notices a killed server, refuses requests at once, and takes up subscriptions and consumption after it is back', async () => {
    const events = reading();
    const heard: unknown[] = [];
    bus.subscribe('notice', (payload) => heard.push(payload));
    bus.reply('alive', 'q', async () => 'yes');
    const lost = becomes(false);
    await server.kill();
    await lost;
    expect(bus.connected).toBe(false);
    await expect(bus.request('alive', null, { timeoutMs: 60_000 })).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await expect(bus.publishToStream('events.x.1.j', 1)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    bus.publish('notice', 'dropped');
    await restart();
    expect(await bus.request('alive', null, { timeoutMs: 5_000 })).toBe('yes');
    bus.publish('notice', 'kept');
    await bus.publishToStream('events.x.1.j', 'after');
    expect(await events.next()).toBe('after');
    expect(heard).toEqual(['kept']);
    await events.end();
  });

  it('notices a frozen server within seconds, and its return', async () => {
    const events = reading();
    const lost = becomes(false);
    process.kill(server.pid, 'SIGSTOP');
    await lost;
    const back = becomes(true);
    process.kill(server.pid, 'SIGCONT');
    await back;
    await bus.publishToStream('events.x.1.j', 'thawed');
    expect(await events.next()).toBe('thawed');
    await events.end();
  });

  it('waits for a deleted stream, with one line, until its owner made it again', async () => {
    const events = reading();
    const admin = await connect({ servers: server.url });
    await (await jetstreamManager(admin)).streams.delete('EVENTS');
    await logged('The consumer does not exist');
    await bus.ensureStreams(allStreams());
    await bus.ensureConsumer('EVENTS', reader);
    await bus.publishToStream('events.x.1.j', 'again');
    expect(await events.next()).toBe('again');
    expect(lines.filter((line) => line.includes('does not exist'))).toHaveLength(1);
    await events.end();
    await admin.close();
  });

  it('waits for a deleted consumer the same way', async () => {
    const events = reading();
    const admin = await connect({ servers: server.url });
    await (await jetstreamManager(admin)).consumers.delete('EVENTS', 'reader');
    await logged('The consumer does not exist');
    await bus.ensureConsumer('EVENTS', reader);
    await bus.publishToStream('events.x.1.j', 'again');
    expect(await events.next()).toBe('again');
    await events.end();
    await admin.close();
  });

  it('goes on after the whole store was removed and the server started anew', async () => {
    const events = reading();
    await bus.publishToStream('events.x.1.j', 'before');
    expect(await events.next()).toBe('before');
    const old = await bus.streamInfo('EVENTS');
    const lost = becomes(false);
    await server.kill();
    await lost;
    await rm(path.join(dir, 'store'), { recursive: true });
    await restart();
    await bus.ensureStreams(allStreams());
    await bus.ensureConsumer('EVENTS', reader);
    expect(await bus.streamInfo('EVENTS')).toMatchObject({ lastSeq: 0 });
    expect((await bus.streamInfo('EVENTS')).createdAt).not.toBe(old.createdAt);
    await bus.publishToStream('events.x.1.j', 'after');
    expect(await events.next()).toBe('after');
    await events.end();
  });

  it('lets pulls end empty instead of throwing', async () => {
    expect(await bus.pull('NOWHERE', 'nobody', { batch: 1, expiresMs: 10 })).toEqual([]);
    const lost = becomes(false);
    const pulling = bus.pull('EVENTS', 'reader', { batch: 1, expiresMs: 50 });
    await server.kill();
    await lost;
    expect(await pulling).toEqual([]);
    expect(await bus.pull('EVENTS', 'reader', { batch: 1, expiresMs: 10 })).toEqual([]);
  });

  it('starts without NATS, connects when it comes, and can be closed before', async () => {
    const { port, url } = server;
    await bus.close();
    await server.stop();
    bus = await connectBus({ url, name: 'early', log });
    expect(bus.connected).toBe(false);
    const never = await connectBus({ url, name: 'never', log });
    await never.close();
    const heard = new Promise((resolve) => bus.subscribe('early', resolve));
    const back = becomes(true);
    server = await startNats({ storeDir: path.join(dir, 'store'), port });
    await back;
    bus.publish('early', 'bird');
    expect(await heard).toBe('bird');
  });

  it('keeps dialling while its password is refused', async () => {
    await bus.close();
    await server.stop();
    server = await startNats({ storeDir: path.join(dir, 'store'), port: server.port, users: [{ user: 'u', password: 'new-password' }] });
    bus = await connectBus({ url: server.url, name: 'x', user: 'u', password: 'old-password', log });
    expect(bus.connected).toBe(false);
    const { port } = server;
    await server.stop();
    const back = becomes(true);
    server = await startNats({ storeDir: path.join(dir, 'store'), port, users: [{ user: 'u', password: 'old-password' }] });
    await back;
    const lost = becomes(false);
    await server.stop();
    await lost;
    server = await startNats({ storeDir: path.join(dir, 'store'), port, users: [{ user: 'u', password: 'new-password' }] });
    await logged('NATS refused something');
    await server.stop();
    const again = becomes(true);
    server = await startNats({ storeDir: path.join(dir, 'store'), port, users: [{ user: 'u', password: 'old-password' }] });
    await again;
  });
});
