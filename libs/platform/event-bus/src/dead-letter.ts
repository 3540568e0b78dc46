import type { Failure } from '@millrace/failures';
import type { NatsConnection } from '@nats-io/transport-node';
import type { BusMessage } from './bus-message';
import type { Headers } from './codec';
import { publishBytes } from './stream-access';

/** Headers of a dead letter, beside those of the original. */
export const DEAD_LETTER_HEADERS = {
  subject: 'Millrace-Original-Subject',
  stream: 'Millrace-Original-Stream',
  sequence: 'Millrace-Original-Sequence',
  deliveries: 'Millrace-Deliveries',
  code: 'Millrace-Failure-Code',
  reason: 'Millrace-Failure-Reason',
} as const;

const MAX_REASON_CHARS = 500;

/** The original's headers without the server's own: a copied message id or expected sequence made the copy itself be dropped or refused. */
export function deadLetterHeaders(message: Pick<BusMessage, 'subject' | 'stream' | 'seq' | 'deliveryCount' | 'headers'>, { code, publicMessage }: Failure): Headers {
  const kept = Object.entries(message.headers).filter(([name]) => !/^nats-/i.test(name));
  return {
    ...Object.fromEntries(kept),
    [DEAD_LETTER_HEADERS.subject]: message.subject,
    [DEAD_LETTER_HEADERS.stream]: message.stream,
    [DEAD_LETTER_HEADERS.sequence]: String(message.seq),
    [DEAD_LETTER_HEADERS.deliveries]: String(message.deliveryCount),
    [DEAD_LETTER_HEADERS.code]: code,
    [DEAD_LETTER_HEADERS.reason]: publicMessage.slice(0, MAX_REASON_CHARS),
  };
}

/**
 * Copies a message to `dlq.<durable>`. Its id makes a repeat harmless: a copy whose acknowledgement was lost, or that outlived `ack_wait`.
 * @throws Failure SERVICE_UNAVAILABLE when it is not stored; then the original must not be terminated.
 */
export async function publishDeadLetter(connection: NatsConnection, durable: string, message: BusMessage, failure: Failure): Promise<void> {
  await publishBytes(connection, `dlq.${durable}`, message.data, {
    headers: deadLetterHeaders(message, failure),
    msgId: `${durable}:${message.stream}:${message.seq}:${message.storedAt}`,
    stream: 'DLQ',
  });
}
