import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import type { ConsumeOptions } from '../consume';
import type { EventBus } from '../event-bus';
import { BusContext } from './bus-context';

/** Second argument of `@EventPattern(subject, extras)`. */
export type EventExtras = { readonly durable: string } & { readonly stream?: string } & Partial<Omit<ConsumeOptions, 'signal'>>;

/** Second argument of `@MessagePattern(subject, extras)`: instances of one queue share the requests; with null each of them answers every one. */
export interface RequestExtras {
  readonly queue?: string | null;
}

/**
 * Nest transport over the bus: `@MessagePattern(subject, { queue })` answers requests, `@EventPattern(subject, { durable, stream, concurrency })`
 * handles a durable's messages (stream: EVENTS, concurrency: 1 unless given). Use it with `PassThroughRpcFilter`. The bus stays its owner's to close.
 */
export class JetStreamServer extends Server implements CustomTransportStrategy {
  readonly #stopping = new AbortController();
  readonly #consumes: Promise<void>[] = [];
  readonly #replies: { stop(): Promise<void> }[] = [];

  constructor(private readonly bus: EventBus) {
    super();
  }

  /** @throws Error for a second handler of a pattern: Nest would run both, and one failure would repeat the other. */
  override addHandler(pattern: unknown, callback: MessageHandler, isEventHandler = false, extras: Record<string, unknown> = {}): void {
    const subject = this.normalizePattern(pattern as string);
    if (this.messageHandlers.has(subject)) throw new Error(`Two handlers for ${subject}: give each subject one`);
    if (isEventHandler && typeof extras['durable'] !== 'string') throw new Error(`The event handler for ${subject} names no durable: @EventPattern('${subject}', { durable: '...' })`);
    super.addHandler(pattern, callback, isEventHandler, extras);
  }

  listen(started: (error?: unknown) => void): void {
    for (const [subject, handler] of this.messageHandlers) {
      if (handler.isEventHandler) this.#consume(handler);
      else this.#reply(subject, handler);
    }
    started();
  }

  /** Takes nothing more; resolves when running handlers ended. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([...this.#consumes, ...this.#replies.map((reply) => reply.stop())]);
  }

  override on(): never {
    throw new Error('Use EventBus.onStatus');
  }

  override unwrap<T>(): T {
    return this.bus as T;
  }

  #reply(subject: string, handler: MessageHandler): void {
    const { queue = subject } = (handler.extras ?? {}) as RequestExtras;
    this.#replies.push(this.bus.reply(subject, queue ?? undefined, (payload, context) => this.#run(handler, payload, new BusContext([context.subject, context.headers, undefined]))));
  }

  #consume(handler: MessageHandler): void {
    const { durable, stream = 'EVENTS', concurrency = 1, ...options } = handler.extras as EventExtras;
    const run = this.bus.consume(stream, durable, (message) => this.#run(handler, message.payload, new BusContext([message.subject, message.headers, message])), {
      ...options,
      concurrency,
      signal: this.#stopping.signal,
    });
    this.#consumes.push(run);
  }

  /** Nest returns a stream of results, also for an error; awaiting only the call would take every failure for a success. */
  async #run(handler: MessageHandler, payload: unknown, context: BusContext): Promise<unknown> {
    return lastValueFrom(this.transformToObservable(await handler(payload, context)), { defaultValue: undefined });
  }
}
