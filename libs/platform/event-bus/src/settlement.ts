import { failureOf, type Failure } from '@millrace/failures';

/** What becomes of a message whose handler ended. */
export type Settlement = { readonly kind: 'ack' } | { readonly kind: 'nak'; readonly delayMs: number; readonly failure: Failure } | { readonly kind: 'dead'; readonly failure: Failure };

const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 30_000;

/**
 * Wait before delivery `deliveryCount + 1`: doubling from 250 ms to 30 s, less up to a quarter by `random` in [0, 1). Never set as the consumer's own
 * `backoff`: JetStream overwrites `ack_wait` with its first entry.
 */
export function retryDelayMs(deliveryCount: number, random = Math.random()): number {
  const delay = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(20, deliveryCount - 1));
  return Math.round(delay * (1 - random / 4));
}

/** Settles a failed delivery by the failure's class: retryable ones come again until `maxDeliver` deliveries, the others are dead letters. */
export function settlementOf(error: unknown, deliveryCount: number, maxDeliver = Infinity): Settlement {
  const failure = failureOf(error);
  if (failure.retryable && deliveryCount < maxDeliver) return { kind: 'nak', delayMs: retryDelayMs(deliveryCount), failure };
  return { kind: 'dead', failure };
}
