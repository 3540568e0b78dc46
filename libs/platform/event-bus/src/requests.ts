import { isErrorCode } from '@millrace/contracts';
import { Failure, failureOf } from '@millrace/failures';
import { joined, runWithTrace, type Logger } from '@millrace/telemetry';
import type { Msg } from '@nats-io/transport-node';
import { busFailure } from './bus-errors';
import { decode, encode, fromWire, toWire, type Headers } from './codec';
import type { Connection } from './connection';

/** What a request is answered with. */
export type Envelope = { readonly ok: true; readonly data: unknown } | { readonly ok: false; readonly failure: { readonly code: string; readonly message: string; readonly errors?: Record<string, string[]> } };

export type RequestHandler = (payload: unknown, context: { readonly headers: Headers; readonly subject: string }) => Promise<unknown>;

/** Handlers of one `reply` that run at once. */
const MAX_CONCURRENT = 64;
/** Requests that wait for one of them; more are refused at once, because their senders would have given up before their turn. */
const MAX_WAITING = 1_024;

/** @throws Failure what the responder threw; SERVICE_UNAVAILABLE without connection, responder or answer in time. */
export async function request<T>(connection: Connection, subject: string, payload: unknown, { timeoutMs, headers }: { timeoutMs: number; headers?: Headers }): Promise<T> {
  const live = connection.live();
  const data = encode(payload, live);
  const answer = await live.request(subject, data, { timeout: timeoutMs, headers: toWire(headers) }).catch((error: unknown) => {
    throw busFailure(error, subject);
  });
  const envelope = decode(answer.data) as Envelope;
  if (envelope.ok) return envelope.data as T;
  const { code, message, errors } = envelope.failure;
  throw new Failure(isErrorCode(code) ? code : 'INTERNAL_ERROR', message, { errors });
}

/** Answers requests on one subject, a bounded number at once. */
export class Responder {
  readonly #waiting: Msg[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #unregister: () => void;

  constructor(
    private readonly connection: Connection,
    subject: string,
    queue: string | undefined,
    private readonly handler: RequestHandler,
    private readonly log: Logger,
  ) {
    this.#unregister = connection.register(subject, queue, (message) => this.#accept(message));
  }

  /** Takes no more requests; resolves when those already taken are answered. */
  async stop(): Promise<void> {
    this.#unregister();
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #accept(message: Msg): void {
    // The sender chooses where its answer goes, and it would be published with our rights. Only inboxes get one; a message that JetStream
    // delivers here (a consumer whose deliver_subject is ours) has none.
    if (!/^_INBOX[._]/.test(message.reply ?? '')) {
      this.log.debug({ subject: message.subject }, 'A request without an inbox was ignored');
    } else if (this.#running.size < MAX_CONCURRENT) {
      this.#start(message);
    } else if (this.#waiting.length < MAX_WAITING) {
      this.#waiting.push(message);
    } else {
      this.#respond(message, failed(new Failure('SERVICE_UNAVAILABLE', 'Too many requests are waiting')));
    }
  }

  #start(message: Msg): void {
    const run = this.#answer(message).finally(() => {
      this.#running.delete(run);
      const next = this.#waiting.shift();
      if (next !== undefined) this.#start(next);
    });
    this.#running.add(run);
  }

  async #answer(message: Msg): Promise<void> {
    const headers = fromWire(message.headers);
    const envelope = await runWithTrace(joined(headers['traceparent']), async (): Promise<Envelope> => {
      try {
        return { ok: true, data: await this.handler(decode(message.data), { headers, subject: message.subject }) };
      } catch (error) {
        const failure = failureOf(error);
        if (failure.class === 'infrastructure') this.log.warn({ err: failure, subject: message.subject }, 'A request failed');
        return failed(failure);
      }
    });
    this.#respond(message, envelope);
  }

  #respond(message: Msg, envelope: Envelope): void {
    try {
      message.respond(encode(envelope, this.connection.live()));
    } catch (error) {
      const failure = failureOf(error);
      this.log.error({ err: failure, subject: message.subject }, 'An answer could not be sent');
      if (failure.code === 'PAYLOAD_TOO_LARGE') this.#respond(message, failed(new Failure('INTERNAL_ERROR', 'The answer is too large')));
    }
  }
}

const failed = ({ code, publicMessage, errors }: Failure): Envelope => ({
  ok: false,
  failure: { code, message: publicMessage, ...(errors === undefined ? {} : { errors: errors as Record<string, string[]> }) },
});
