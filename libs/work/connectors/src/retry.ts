import { setTimeout as wait } from 'node:timers/promises';
import { Failure, isFailure } from '@millrace/failures';

/** Milliseconds before the second and the third attempt. */
export const RETRY_WAITS_MS: readonly number[] = [500, 2_000];

/**
 * Runs `attempt` again, once for each wait, while it fails in a way that `again` accepts.
 * @param waits milliseconds before the second, third, ... attempt.
 * @throws the last attempt's error; Failure CANCELLED, or the signal's reason if a Failure, when `signal` ends a wait.
 */
export async function withRetries<T>(waits: readonly number[], signal: AbortSignal, again: (error: unknown) => boolean, attempt: () => Promise<T>): Promise<T> {
  for (const ms of waits) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted || !again(error)) throw error;
    }
    await pause(ms, signal);
  }
  return attempt();
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal });
  } catch (error) {
    throw isFailure(signal.reason) ? signal.reason : new Failure('CANCELLED', 'The task was cancelled', { cause: error });
  }
}
