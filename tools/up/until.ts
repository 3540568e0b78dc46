import { setTimeout as wait } from 'node:timers/promises';

/** Asks every `everyMs` until the answer is true; false when `withinMs` have passed or `signal` was given. */
export async function until(ask: () => boolean | Promise<boolean>, withinMs: number, { everyMs = 50, signal }: { everyMs?: number; signal?: AbortSignal } = {}): Promise<boolean> {
  const end = Date.now() + withinMs;
  while (!signal?.aborted) {
    if (await ask()) return true;
    if (Date.now() >= end) return false;
    await wait(everyMs);
  }
  return false;
}
