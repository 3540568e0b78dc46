import { nanos, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { busFailure } from './bus-errors';
import { decode, fromWire, type Headers } from './codec';

/** How long an acknowledgement waits for the server's word. */
const ACK_TIMEOUT_MS = 5_000;

/** A message of a stream, to be settled once: ack, nak or term. Unsettled, it comes again after the consumer's `ack_wait`. */
export class BusMessage {
  readonly subject: string;
  readonly headers: Headers;
  readonly stream: string;
  /** Sequence in the stream. */
  readonly seq: number;
  /** 1 at the first delivery. */
  readonly deliveryCount: number;
  /** When the server stored it, in nanoseconds since the epoch; together with stream and sequence it names one message for ever. */
  readonly storedAt: string;

  constructor(
    private readonly message: Msg,
    private readonly connection: NatsConnection,
  ) {
    this.subject = message.subject;
    this.headers = fromWire(message.headers);
    // $JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<time>.<pending>; from 2.10 on with domain and account before the stream.
    const tokens = (message.reply ?? '').split('.');
    const [stream = '', , deliveries, seq, , storedAt = ''] = tokens.slice(tokens.length > 9 ? 4 : 2);
    this.stream = stream;
    this.deliveryCount = Number(deliveries);
    this.seq = Number(seq);
    this.storedAt = storedAt;
  }

  /** @throws Failure INVALID_DATA when the body is not JSON. */
  get payload(): unknown {
    return decode(this.message.data);
  }

  /** The body as it came. */
  get data(): Uint8Array {
    return this.message.data;
  }

  get redelivered(): boolean {
    return this.deliveryCount > 1;
  }

  /**
   * Done: never deliver again. Resolves when the server confirmed it.
   * @throws Failure SERVICE_UNAVAILABLE without a confirmation: it may come again.
   */
  async ack(): Promise<void> {
    try {
      await this.connection.request(this.message.reply!, '+ACK', { timeout: ACK_TIMEOUT_MS });
    } catch (error) {
      throw busFailure(error, 'an acknowledgement');
    }
  }

  /** Not done: deliver again after `delayMs`. */
  nak(delayMs: number): void {
    this.#tell(delayMs > 0 ? `-NAK ${JSON.stringify({ delay: nanos(delayMs) })}` : '-NAK');
  }

  /** Still at it: starts `ack_wait` anew. */
  working(): void {
    this.#tell('+WPI');
  }

  /** Never deliver again, though not done. Without a reason: 2.9.10 ignores a term that gives one. */
  term(): void {
    this.#tell('+TERM');
  }

  /** On a connection that is closed for good there is nobody to tell: the message comes again after `ack_wait`. */
  #tell(word: string): void {
    if (!this.connection.isClosed()) this.message.respond(word);
  }
}
