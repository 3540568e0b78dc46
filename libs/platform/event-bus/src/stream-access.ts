import { Failure } from '@millrace/failures';
import { jetstream, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { busFailure, isMissing, wrongLastSequence } from './bus-errors';
import { decode, encode, fromWire, toWire, type Headers } from './codec';

const API_TIMEOUT_MS = 5_000;

export interface PublishOptions {
  readonly headers?: Headers;
  /** Repeats of one id within the stream's duplicate window are dropped. Never give one to an invitation. */
  readonly msgId?: string;
  /** Refuse unless this is the stream's last sequence; 0 for an empty, never used stream. */
  readonly expectLastSequence?: number;
  /** Refuse unless the subject belongs to this stream. */
  readonly stream?: string;
  /** Default: 5 s. */
  readonly timeoutMs?: number;
}

export interface Published {
  readonly stream: string;
  readonly seq: number;
  /** The server had the id already: nothing was stored. */
  readonly duplicate: boolean;
}

export interface StoredMessage {
  readonly seq: number;
  readonly subject: string;
  readonly headers: Headers;
  readonly payload: unknown;
}

/** Without the client's own probe of the account's API, which most users may not call. */
export const managerOf = (connection: NatsConnection): Promise<JetStreamManager> => jetstreamManager(connection, { checkAPI: false, timeout: API_TIMEOUT_MS });

/** Stores bytes in the stream that `subject` belongs to. */
export async function publishBytes(connection: NatsConnection, subject: string, data: Uint8Array, options: PublishOptions): Promise<Published> {
  const { headers, msgId, expectLastSequence, stream, timeoutMs = API_TIMEOUT_MS } = options;
  try {
    const ack = await jetstream(connection, { timeout: timeoutMs }).publish(subject, data, {
      headers: toWire(headers),
      timeout: timeoutMs,
      msgID: msgId,
      expect: { lastSequence: expectLastSequence, streamName: stream },
    });
    return { stream: ack.stream, seq: ack.seq, duplicate: ack.duplicate };
  } catch (error) {
    throw (expectLastSequence !== undefined && wrongLastSequence(error, stream ?? subject, expectLastSequence)) || busFailure(error, `publishing to ${stream ?? subject}`);
  }
}

export const publishToStream = (connection: NatsConnection, subject: string, payload: unknown, options: PublishOptions): Promise<Published> =>
  publishBytes(connection, subject, encode(payload, connection), options);

/** Undefined when the consumer or the stream does not exist. */
export async function consumerDepth(connection: NatsConnection, stream: string, durable: string): Promise<{ pending: number; ackPending: number } | undefined> {
  try {
    const { num_pending, num_ack_pending } = await (await managerOf(connection)).consumers.info(stream, durable);
    return { pending: num_pending, ackPending: num_ack_pending };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw busFailure(error, `the depth of ${durable}`);
  }
}

const missingStream = (stream: string, cause: unknown): Failure => new Failure('SERVICE_UNAVAILABLE', `The stream ${stream} does not exist`, { cause });

/** Undefined when the stream is empty. */
export async function lastMessage(connection: NatsConnection, stream: string, subject = '>'): Promise<StoredMessage | undefined> {
  try {
    const stored = await (await managerOf(connection)).streams.getMessage(stream, { last_by_subj: subject });
    return stored === null ? undefined : { seq: stored.seq, subject: stored.subject, headers: fromWire(stored.header), payload: decode(stored.data) };
  } catch (error) {
    throw isMissing(error) ? missingStream(stream, error) : busFailure(error, `the last message of ${stream}`);
  }
}

/** `createdAt` is the server's ISO 8601 text with nanoseconds: it names one incarnation of the stream. `lastSeq` outlives the messages. */
export async function streamInfo(connection: NatsConnection, stream: string): Promise<{ createdAt: string; lastSeq: number }> {
  try {
    const { created, state } = await (await managerOf(connection)).streams.info(stream);
    return { createdAt: String(created), lastSeq: state.last_seq };
  } catch (error) {
    throw isMissing(error) ? missingStream(stream, error) : busFailure(error, `the state of ${stream}`);
  }
}
