import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Failure } from '@millrace/failures';
import { createLogger, currentTrace, newTrace, runWithTrace } from '@millrace/telemetry';
import { startNats, type RunningNats } from '@millrace/testing';
import { connect, headers as newHeaders } from '@nats-io/transport-node';
import type { BusMessage } from './bus-message';
import type { MessageHandler } from './consume';
import { DEAD_LETTER_HEADERS } from './dead-letter';
import { connectBus, type EventBus } from './event-bus';
import { allStreams } from './streams';

const log = createLogger({ service: 'test', level: 'silent' });

describe('consume', () => {
  let dir: string;
  let server: RunningNats;
  let bus: EventBus;
  let stop: AbortController;
  let durable: string;
  let count = 0;

  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'bus-consume-'));
    server = await startNats({ storeDir: dir });
    bus = await connectBus({ url: server.url, name: 'consumer', log });
    await bus.ensureStreams(allStreams());
  });

  beforeEach(async () => {
    stop = new AbortController();
    durable = `reader-${(count += 1)}`;
    await bus.ensureConsumer('EVENTS', { durable, filterSubject: `events.${durable}.>`, ackWaitMs: 1_000 });
    await bus.ensureConsumer('DLQ', { durable: `dead-${durable}`, filterSubject: `dlq.${durable}` });
  });

  afterEach(() => stop.abort());

  afterAll(async () => {
    await bus.close();
    await server.stop();
    await rm(dir, { recursive: true });
  });

  const tell = (payload: unknown) => bus.publishToStream(`events.${durable}.1.j`, payload);
  const deadLetters = (): Promise<BusMessage[]> => bus.pull('DLQ', `dead-${durable}`, { batch: 1, expiresMs: 5_000 });

  /** Runs until `handler` was called `calls` times and the calls are settled. */
  const consumeCalls = async (calls: number, handler: MessageHandler, options: object = {}): Promise<BusMessage[]> => {
    const seen: BusMessage[] = [];
    await bus.consume(
      'EVENTS',
      durable,
      async (message) => {
        seen.push(message);
        if (seen.length === calls) stop.abort();
        return handler(message);
      },
      { concurrency: 1, signal: stop.signal, ...options },
    );
    return seen;
  };

  it('acknowledges what was handled, in order, under the trace of its publisher', async () => {
    const trace = newTrace();
    await runWithTrace(trace, async () => {
      for (const n of [1, 2, 3]) await tell(n);
    });
    const traces: unknown[] = [];
    const seen = await consumeCalls(3, async () => traces.push(currentTrace()?.traceId));
    expect(seen.map((message) => message.payload)).toEqual([1, 2, 3]);
    expect(traces).toEqual([trace.traceId, trace.traceId, trace.traceId]);
    expect(await bus.consumerDepth('EVENTS', durable)).toEqual({ pending: 0, ackPending: 0 });
  });

  it('delivers again after a retryable failure, later each time', async () => {
    await tell('flaky');
    const seen = await consumeCalls(3, async (message) => {
      if (message.deliveryCount < 3) throw new Failure('SERVICE_UNAVAILABLE', 'Not now');
    });
    expect(seen.map((message) => message.deliveryCount)).toEqual([1, 2, 3]);
    expect(await bus.consumerDepth('EVENTS', durable)).toEqual({ pending: 0, ackPending: 0 });
  });

  it('treats an unknown error as retryable', async () => {
    await tell('odd');
    const seen = await consumeCalls(2, async (message) => {
      if (!message.redelivered) throw new TypeError('oops');
    });
    expect(seen).toHaveLength(2);
  });

  it('makes a failure that no retry can mend a dead letter, once, without the headers of the server', async () => {
    const published = await bus.publishToStream(`events.${durable}.1.j`, { a: 1 }, { msgId: 'original-id', headers: { 'Millrace-Position': '9' } });
    await consumeCalls(1, async () => {
      throw new Failure('INVALID_DATA', 'Unknown\nfield é');
    });
    const [dead] = await deadLetters();
    expect(dead!.payload).toEqual({ a: 1 });
    expect(dead!.headers).toMatchObject({
      'Millrace-Position': '9',
      [DEAD_LETTER_HEADERS.subject]: `events.${durable}.1.j`,
      [DEAD_LETTER_HEADERS.stream]: 'EVENTS',
      [DEAD_LETTER_HEADERS.sequence]: String(published.seq),
      [DEAD_LETTER_HEADERS.code]: 'INVALID_DATA',
      [DEAD_LETTER_HEADERS.reason]: 'Unknown field',
    });
    expect(dead!.headers['Nats-Msg-Id']).not.toBe('original-id');
    await bus.flush();
    expect(await bus.consumerDepth('EVENTS', durable)).toEqual({ pending: 0, ackPending: 0 });
  });

  it('makes the last allowed delivery a dead letter', async () => {
    await tell('doomed');
    const seen = await consumeCalls(2, () => Promise.reject(new Failure('SERVICE_UNAVAILABLE', 'Never')), { maxDeliver: 2 });
    expect(seen).toHaveLength(2);
    expect((await deadLetters())[0]!.headers[DEAD_LETTER_HEADERS.deliveries]).toBe('2');
  });

  it('makes a body that is not JSON, or whose headers are strange, a dead letter as it came', async () => {
    const raw = await connect({ servers: server.url });
    const headers = newHeaders();
    headers.append('Nats-Expected-Stream', 'EVENTS');
    raw.publish(`events.${durable}.1.j`, '{"broken', { headers });
    await raw.flush();
    const running = bus.consume('EVENTS', durable, async () => stop.abort(), { concurrency: 1, signal: stop.signal });
    const dead = await rawDeadLetter(raw);
    expect(dead).toBe('{"broken');
    stop.abort();
    await running;
    await raw.close();
  });

  const rawDeadLetter = async (raw: Awaited<ReturnType<typeof connect>>): Promise<string> => {
    const inbox = raw.subscribe('dead-letters', { max: 1 });
    raw.publish(`$JS.API.CONSUMER.MSG.NEXT.DLQ.dead-${durable}`, JSON.stringify({ batch: 1, expires: 5e9 }), { reply: 'dead-letters' });
    for await (const message of inbox) return message.string();
    throw new Error('nothing came');
  };

  it('keeps a slow handler its message, beyond ack_wait', async () => {
    await tell('slow');
    let calls = 0;
    const running = bus.consume(
      'EVENTS',
      durable,
      async () => {
        calls += 1;
        // Twice the ack_wait of 1 s: time is the very thing under test.
        await new Promise((resolve) => setTimeout(resolve, 2_000));
        stop.abort();
      },
      { concurrency: 2, signal: stop.signal, workingEveryMs: 250 },
    );
    await running;
    expect(calls).toBe(1);
    expect(await bus.consumerDepth('EVENTS', durable)).toEqual({ pending: 0, ackPending: 0 });
  });

  it('handles no more at once than it has slots, and pulls no more either', async () => {
    for (let n = 0; n < 12; n += 1) await tell(n);
    let running = 0;
    let most = 0;
    let mostUnsettled = 0;
    await consumeCalls(
      12,
      async () => {
        most = Math.max(most, (running += 1));
        mostUnsettled = Math.max(mostUnsettled, (await bus.consumerDepth('EVENTS', durable))!.ackPending);
        running -= 1;
      },
      { concurrency: 3 },
    );
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(3);
    expect(mostUnsettled).toBeLessThanOrEqual(3);
  });
});
