import { setTimeout as pause } from 'node:timers/promises';
import { Failure, failureOf } from '@millrace/failures';
import { joined, runWithTrace, type Logger } from '@millrace/telemetry';
import { busFailure } from './bus-errors';
import type { BusMessage } from './bus-message';
import { decode, encode, fromWire, toWire, type Headers } from './codec';
import { Connection, type ConnectOptions } from './connection';
import { consume, type ConsumeOptions, type MessageHandler } from './consume';
import { ensureConsumer, ensureStream } from './ensure';
import { outageWaiter } from './outage';
import { pullOnce, type PullOptions } from './pull';
import { Responder, request, type RequestHandler } from './requests';
import { consumerDepth, lastMessage, managerOf, publishToStream, streamInfo, type PublishOptions, type Published, type StoredMessage } from './stream-access';
import type { ConsumerDefinition, StreamDefinition } from './streams';

export type SubscriptionHandler = (payload: unknown, context: { readonly headers: Headers; readonly subject: string }) => unknown;

/** How long a start waits for NATS before it goes on without. */
const FIRST_CONNECTION_MS = 2_000;
/** How long `flush` waits for the server. */
const FLUSH_MS = 5_000;
/** How long `close` waits for handlers. */
const FINISH_MS = 10_000;

/**
 * Connects to NATS. Never gives up and never throws: when NATS does not answer within 2 s the bus is returned unconnected and connects later;
 * what was subscribed meanwhile is put in place then.
 */
export async function connectBus(options: ConnectOptions): Promise<EventBus> {
  const connection = new Connection(options);
  await connection.whenConnected(AbortSignal.timeout(FIRST_CONNECTION_MS));
  return new EventBus(connection, options.log);
}

/** Requests, notices and streams over NATS, JSON throughout; every message carries the current trace in `traceparent`. */
export class EventBus {
  readonly #work = new Set<Promise<void>>();
  readonly #responders = new Set<Responder>();
  readonly #waitOut: ReturnType<typeof outageWaiter>;

  constructor(
    private readonly connection: Connection,
    private readonly log: Logger,
  ) {
    this.#waitOut = outageWaiter(connection, log);
  }

  /** False from the moment the server is noticed to be gone (at once when it closes, 4 to 6 s when it froze). */
  get connected(): boolean {
    return this.connection.connected;
  }

  /** Calls `listener` at every change from now on. The answer ends it. */
  onStatus(listener: (connected: boolean) => void): () => void {
    return this.connection.onStatus(listener);
  }

  /**
   * Asks and waits for the answer.
   * @throws Failure what the responder threw; SERVICE_UNAVAILABLE when not connected, when nobody listens (at once) or nobody answers within `timeoutMs`.
   */
  request<T>(subject: string, payload: unknown, options: { timeoutMs: number; headers?: Headers }): Promise<T> {
    return request<T>(this.connection, subject, payload, options);
  }

  /** Answers requests; instances that name the same `queue` share them. At most 64 handlers run at once. `stop` waits for the running ones. */
  reply(subject: string, queue: string | undefined, handler: RequestHandler): { stop(): Promise<void> } {
    const responder = new Responder(this.connection, subject, queue, handler, this.log);
    this.#responders.add(responder);
    return {
      stop: async () => {
        await responder.stop();
        this.#responders.delete(responder);
      },
    };
  }

  /** A notice that may be lost: dropped while not connected. */
  publish(subject: string, payload: unknown, headers?: Headers): void {
    try {
      const live = this.connection.live();
      live.publish(subject, encode(payload, live), { headers: toWire(headers) });
    } catch (error) {
      this.log.debug({ err: error, subject }, 'A notice was dropped');
    }
  }

  /** Hears notices from now on; with `queue`, one of its members hears each. A handler that throws or rejects is logged. */
  subscribe(subject: string, handler: SubscriptionHandler, { queue }: { queue?: string } = {}): { stop(): void } {
    const stop = this.connection.register(subject, queue, (message) => {
      const headers = fromWire(message.headers);
      const run = async (): Promise<unknown> => handler(decode(message.data), { headers, subject: message.subject });
      runWithTrace(joined(headers['traceparent']), run).catch((error: unknown) => this.log.error({ err: failureOf(error), subject: message.subject }, 'A notice was not handled'));
    });
    return { stop };
  }

  /**
   * Resolves when the server has seen what was sent so far, subscriptions included: subscribe, flush, then read, and nothing is missed.
   * @throws Failure SERVICE_UNAVAILABLE
   */
  async flush(): Promise<void> {
    const timer = new AbortController();
    const late = pause(FLUSH_MS, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const);
    const result = await Promise.race([this.#flushed(), late]).finally(() => timer.abort());
    if (result === 'late') throw new Failure('SERVICE_UNAVAILABLE', 'The message bus does not answer');
  }

  /**
   * Stores a message in the stream that `subject` belongs to.
   * @throws WrongLastSequence when `expectLastSequence` is not the last one (nothing was stored); Failure SERVICE_UNAVAILABLE when it is not known to be stored.
   */
  async publishToStream(subject: string, payload: unknown, options: PublishOptions = {}): Promise<Published> {
    return publishToStream(this.connection.live(), subject, payload, options);
  }

  /** Makes or changes streams. Only their one owner calls this, at every (re)connection. @throws Failure SERVICE_UNAVAILABLE */
  async ensureStreams(definitions: readonly StreamDefinition[]): Promise<void> {
    const manager = await managerOf(this.connection.live());
    for (const definition of definitions) {
      await ensureStream(manager, definition).catch((error: unknown) => {
        throw busFailure(error, `making the stream ${definition.name}`);
      });
    }
  }

  /** Makes or changes a durable consumer; an existing one keeps its place. @throws Failure SERVICE_UNAVAILABLE */
  async ensureConsumer(stream: string, definition: ConsumerDefinition): Promise<void> {
    const manager = await managerOf(this.connection.live());
    await ensureConsumer(manager, stream, definition).catch((error: unknown) => {
      throw busFailure(error, `making the consumer ${definition.durable}`);
    });
  }

  /** What waits for the durable, and what is delivered but unsettled; undefined when it does not exist. @throws Failure SERVICE_UNAVAILABLE */
  async consumerDepth(stream: string, durable: string): Promise<{ pending: number; ackPending: number } | undefined> {
    return consumerDepth(this.connection.live(), stream, durable);
  }

  /** The last message, of all or of one subject (wildcards allowed); undefined when there is none. @throws Failure SERVICE_UNAVAILABLE, also when the stream is missing. */
  async lastMessage(stream: string, subject?: string): Promise<StoredMessage | undefined> {
    return lastMessage(this.connection.live(), stream, subject);
  }

  /** Identity and last sequence of a stream. @throws Failure SERVICE_UNAVAILABLE, also when the stream is missing. */
  async streamInfo(stream: string): Promise<{ createdAt: string; lastSeq: number }> {
    return streamInfo(this.connection.live(), stream);
  }

  /**
   * Takes up to `batch` messages: what is there, else the first that comes within `expiresMs`. Empty when there is none, when aborted, and, after a pause,
   * while NATS or the consumer is missing; so a loop around it needs no care. Messages that are not JSON are dropped with an error line.
   */
  async pull(stream: string, durable: string, options: PullOptions): Promise<BusMessage[]> {
    const { messages, end } = await pullOnce(this.connection, stream, durable, options);
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), options.expiresMs);
    await this.#waitOut(end, stream, durable, options.signal === undefined ? limit.signal : AbortSignal.any([limit.signal, options.signal]));
    clearTimeout(timer);
    return messages.filter((message) => this.#readable(message));
  }

  /**
   * Handles the messages of a durable until `options.signal` aborts; resolves when the last handler ended. A handler that returns acknowledges. One that throws
   * a retryable failure gets the message again after a growing wait; any other failure makes it a dead letter on `dlq.<durable>`.
   */
  consume(stream: string, durable: string, handler: MessageHandler, options: ConsumeOptions): Promise<void> {
    const work = consume({ connection: this.connection, stream, durable, handler, options, log: this.log }).finally(() => this.#work.delete(work));
    this.#work.add(work);
    return work;
  }

  /** Stops taking, lets running handlers finish for at most 10 s, then drains and closes the connection. */
  async close(): Promise<void> {
    this.connection.stopTaking();
    const finished = Promise.all([...this.#work, ...[...this.#responders].map((responder) => responder.stop())]);
    const timer = new AbortController();
    await Promise.race([finished, pause(FINISH_MS, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
    await this.connection.close();
  }

  async #flushed(): Promise<void> {
    try {
      await this.connection.live().flush();
    } catch (error) {
      throw busFailure(error, 'a flush');
    }
  }

  #readable(message: BusMessage): boolean {
    try {
      void message.payload;
      return true;
    } catch (error) {
      this.log.error({ err: error, subject: message.subject, seq: message.seq }, 'A message is not JSON and was dropped');
      message.term();
      return false;
    }
  }
}
