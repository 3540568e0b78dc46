import { failureOf } from '@millrace/failures';
import type { Delivery, DeliveryOutcome } from '@millrace/job-store';
import type { SafeFetch } from '@millrace/safe-fetch';
import { currentTrace } from '@millrace/telemetry';
import { SIGNATURE_HEADER, signatureOf } from './signature';

/** Contract §9.2: three retries on a network error or a status of 500 and above; the waits are ours, ms. */
export const RETRY_WAITS_MS: readonly number[] = [10_000, 60_000, 300_000];

/** A receiver that has not answered by then has failed the attempt (THREATS N6). */
const ANSWER_MS = 10_000;
/** So much of an answer is read; nobody needs more. */
const ANSWER_BYTES = 1024;

export interface SenderSettings {
  readonly safeFetch: SafeFetch;
  readonly retryWaitsMs?: readonly number[];
}

/** One attempt of a delivery: posts the body as it stands in the row, signed. Never throws. */
export async function send(delivery: Delivery, { safeFetch, retryWaitsMs = RETRY_WAITS_MS }: SenderSettings): Promise<DeliveryOutcome> {
  const later = (status: number | null, error: string): DeliveryOutcome => {
    const inMs = retryWaitsMs[delivery.attempts - 1];
    return inMs === undefined ? { state: 'failed', status, error } : { state: 'pending', status, error, inMs };
  };
  // Whoever takes unsigned bodies for ours could be told anything by anybody.
  if (delivery.signingSecret === null) return { state: 'failed', status: null, error: 'The account is gone' };
  const traceparent = currentTrace()?.traceparent ?? delivery.trace;
  const bytes = Buffer.from(delivery.body, 'utf8');
  try {
    const { status, body } = await safeFetch.request({
      url: delivery.url,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Millrace',
        // The same for each attempt, so that a receiver can tell a repeat.
        'millrace-delivery': delivery.id,
        [SIGNATURE_HEADER]: signatureOf(bytes, delivery.signingSecret),
        ...(traceparent && { traceparent }),
      },
      body: bytes,
      maxRedirects: 0,
      headersTimeoutMs: ANSWER_MS,
      totalTimeoutMs: ANSWER_MS,
      maxBytes: ANSWER_BYTES,
    });
    // The status is the answer; the rest of it is not wanted, and must not keep the connection.
    body.on('error', () => undefined).destroy();
    if (status >= 200 && status < 300) return { state: 'delivered', status };
    const error = `The receiver answered ${status}`;
    return status >= 500 ? later(status, error) : { state: 'failed', status, error };
  } catch (error) {
    const { code, publicMessage } = failureOf(error);
    return code === 'URL_NOT_ALLOWED' ? { state: 'failed', status: null, error: publicMessage } : later(null, publicMessage);
  }
}
