import { Failure, isFailure } from '@millrace/failures';
import { JetStreamApiError } from '@nats-io/jetstream';
import { NoRespondersError, RequestError, TimeoutError } from '@nats-io/transport-node';

/** The stream's last sequence is not the one that the publisher expected: somebody else wrote, or the stream is a new one. Nothing was stored. */
export class WrongLastSequence extends Failure {
  constructor(
    readonly stream: string,
    readonly expected: number,
    /** The stream's last sequence, when the server told it. */
    readonly actual: number | undefined,
    cause: unknown,
  ) {
    super('CONFLICT', `The last sequence of ${stream} is not ${expected}`, { cause });
    this.name = 'WrongLastSequence';
  }
}

/** Error codes of JetStream's API: server/errors.json of nats-server. */
const WRONG_LAST_SEQUENCE = 10071;
const STREAM_NOT_FOUND = 10059;
const CONSUMER_NOT_FOUND = 10014;

/** The error of a publisher that expected `expected` as last sequence, when it is one. */
export function wrongLastSequence(error: unknown, stream: string, expected: number): WrongLastSequence | undefined {
  if (!(error instanceof JetStreamApiError) || error.code !== WRONG_LAST_SEQUENCE) return undefined;
  const actual = /wrong last sequence: (\d+)/.exec(error.message)?.[1];
  return new WrongLastSequence(stream, expected, actual === undefined ? undefined : Number(actual), error);
}

/** True when the server says that the stream or the consumer does not exist. */
export const isMissing = (error: unknown): boolean => error instanceof JetStreamApiError && [STREAM_NOT_FOUND, CONSUMER_NOT_FOUND].includes(error.code);

/** Whatever went wrong on the bus, as a failure: no answer and server errors are SERVICE_UNAVAILABLE, and worth a retry. */
export function busFailure(error: unknown, what: string): Failure {
  if (isFailure(error)) return error;
  if (error instanceof NoRespondersError || (error instanceof RequestError && error.isNoResponders())) {
    return new Failure('SERVICE_UNAVAILABLE', `Nobody answers ${what}`, { cause: error });
  }
  if (error instanceof TimeoutError) return new Failure('SERVICE_UNAVAILABLE', `No answer to ${what} in time`, { cause: error });
  return new Failure('SERVICE_UNAVAILABLE', `The message bus failed at ${what}`, { cause: error });
}
