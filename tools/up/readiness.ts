import { lastLines } from './log-file';
import type { ManagedProcess } from './managed-process';
import { until } from './until';

const READY_MS = 60_000;
/** One that ends this often in a row before it was ever ready will not become ready by waiting. */
const FAILURES = 5;
const LINES = 20;

/** A process did not become ready; the message ends with what it wrote last. */
export class NotReady extends Error {
  constructor({ name, index, logFile, failures }: ManagedProcess) {
    const how = failures >= FAILURES ? `ended ${failures} times in a row` : `was not ready within ${READY_MS / 1000} s`;
    super(`${name}-${index} ${how}. Its last lines (all of them: ${logFile}):\n\n${lastLines(logFile, LINES).join('\n')}\n`);
  }
}

/**
 * Waits until all are ready, telling each as it comes.
 * @throws NotReady
 */
export async function waitUntilReady(processes: readonly ManagedProcess[], { tell, signal }: { tell: (text: string) => void; signal: AbortSignal }): Promise<void> {
  let ready = 0;
  const started = Date.now();
  await Promise.all(
    processes.map(async (each) => {
      const sound = await until(async () => each.failures >= FAILURES || (await each.healthy()), READY_MS, { everyMs: 100, signal });
      signal.throwIfAborted();
      if (!sound || each.failures >= FAILURES) throw new NotReady(each);
      ready += 1;
      tell(`${each.name}-${each.index} is ready (${ready} of ${processes.length}, ${((Date.now() - started) / 1000).toFixed(1)} s)`);
    }),
  );
}
