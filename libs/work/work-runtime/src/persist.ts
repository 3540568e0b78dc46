import type { Clock, Log } from './ports';

/** Between two tries of a request that was not answered, ms. */
export const AGAIN_MS = 1_000;

/**
 * Repeats a request until it is answered. For claims and reports: giving one up would leave a run nobody knows of.
 * Ends with undefined only when `stop` aborts.
 */
export async function persist<T>(what: string, request: () => Promise<T>, clock: Clock, log: Log, stop?: AbortSignal): Promise<T | undefined> {
  for (let tries = 1; !stop?.aborted; tries += 1) {
    try {
      return await request();
    } catch (error) {
      if (tries === 1 || tries % 30 === 0) log.warn({ err: error, tries }, `${what} was not answered; repeating it`);
      await clock.sleep(AGAIN_MS, stop);
    }
  }
  return undefined;
}
