import { setTimeout as pause } from 'node:timers/promises';

/** Time and waiting, so that protocol code can run on a virtual clock. */
export const systemClock = {
  /** Ms since the epoch. */
  now: (): number => Date.now(),
  /** Resolves after `ms`, or at once when `signal` aborts. */
  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    // Longer waits than Node's timers can count would fire at once.
    const bounded = Math.min(ms, 2_147_483_647);
    await pause(bounded, undefined, signal ? { signal } : {}).catch((error: unknown) => {
      if (!signal?.aborted) throw error;
    });
  },
};
