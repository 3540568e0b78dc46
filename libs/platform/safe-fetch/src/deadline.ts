import { cancelled } from './refusals';
import type { Failure } from '@millrace/failures';

/** One signal over the caller's own and any number of clocks; its reason is always a Failure. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #onOuter = (): void => this.#controller.abort(cancelled(this.#outer?.reason));
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(outer: AbortSignal | undefined) {
    this.#outer = outer;
    if (outer?.aborted) this.#onOuter();
    else outer?.addEventListener('abort', this.#onOuter, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Aborts after `ms` with `failure()`, unless the returned function is called before. */
  within(ms: number, failure: () => Failure): () => void {
    const timer = setTimeout(() => this.#controller.abort(failure()), ms);
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }

  /** Stops all clocks and lets go of the caller's signal; nothing is aborted by it. */
  release(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#outer?.removeEventListener('abort', this.#onOuter);
  }
}
