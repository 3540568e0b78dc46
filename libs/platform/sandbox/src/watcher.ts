import { usageOf } from './process-tree';
import type { ExceededLimit, RunLimits } from './spec';
import { writtenUnder, type Written } from './written-bytes';

const INTERVAL_MS = 120;
const OUTPUT_FILES = 10_000;

/** Samples what a run uses, and says which limit it broke. */
export class Watcher {
  maxRssBytes = 0;
  /** Of the last sample. */
  rssBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #sampling: Promise<void> | undefined;

  private constructor(
    private readonly limits: RunLimits,
    private readonly folders: readonly string[],
    private before: Written,
  ) {}

  /** @param folders host paths the program may write to; what lies in them now does not count. */
  static async over(limits: RunLimits, folders: readonly string[]): Promise<Watcher> {
    return new Watcher(limits, folders, await writtenUnder(folders, Infinity));
  }

  /**
   * Begins to sample what `members` lists, now and every 120 ms.
   * @param ranOut true once the kernel has ended a process for want of memory; those that are left are of no use.
   * @param onExceeded called at each sample that is over a limit; an error of the sampling itself goes to `onError`.
   */
  start(members: (enough: number) => readonly number[], ranOut: () => boolean, onExceeded: (limit: ExceededLimit) => void, onError: (error: unknown) => void): void {
    const sample = async () => {
      const pids = members(this.limits.processes);
      if (pids.length > this.limits.processes) return onExceeded('processes');
      const used = usageOf(pids);
      this.rssBytes = used.rssBytes;
      this.maxRssBytes = Math.max(this.maxRssBytes, used.rssBytes);
      if (used.tasks > this.limits.processes) onExceeded('processes');
      else if (used.rssBytes > this.limits.memoryBytes || ranOut()) onExceeded('memory');
      else if (await this.wroteTooMuch()) onExceeded('output');
    };
    const tick = () => {
      // A slow walk over many files must not pile up.
      this.#sampling ??= sample()
        .catch(onError)
        .finally(() => (this.#sampling = undefined));
    };
    this.#timer = setInterval(tick, INTERVAL_MS);
    tick();
  }

  /** From here on, what lies in the folders now does not count. */
  async reset(): Promise<void> {
    this.before = await writtenUnder(this.folders, Infinity);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sampling;
  }

  /** True when the folders grew beyond the limit of bytes or of files; `atLimit` also when they just reached it. */
  async wroteTooMuch(atLimit = false): Promise<boolean> {
    const files = this.before.files + (this.limits.outputFiles ?? OUTPUT_FILES);
    const now = await writtenUnder(this.folders, files);
    const grown = now.bytes - this.before.bytes;
    return now.files > files || grown > this.limits.outputBytes || (atLimit && grown === this.limits.outputBytes);
  }
}
