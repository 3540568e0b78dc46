import type { JobState } from '@millrace/job-domain';

/** A state and the version of the stream that it is the fold of. */
export interface KnownFold {
  readonly version: number;
  readonly state: JobState;
}

/** Tasks of all kept states together; one takes a few KB. */
const MOST_TASKS = 10_000;

/**
 * Folds of streams, so that a command reads only what came since the last one: without them a job of n tasks reads the square of n events.
 * A fold never misleads: it is where the fold of a prefix of the log that never changes is known from, and the rest is read with each command.
 */
export class KnownFolds {
  /** The one used last stands last. */
  private readonly folds = new Map<string, KnownFold>();
  private tasks = 0;

  constructor(private readonly most = MOST_TASKS) {}

  get(stream: string): KnownFold | undefined {
    return this.folds.get(stream);
  }

  /** Keeps a fold, unless a later one is known; those not used for longest go. */
  put(stream: string, fold: KnownFold): void {
    const known = this.folds.get(stream);
    if (known && known.version > fold.version) return;
    this.drop(stream);
    this.folds.set(stream, fold);
    this.tasks += fold.state.order.length;
    for (const oldest of this.folds.keys()) {
      if (this.tasks <= this.most) return;
      this.drop(oldest);
    }
  }

  drop(stream: string): void {
    const known = this.folds.get(stream);
    if (!known) return;
    this.folds.delete(stream);
    this.tasks -= known.state.order.length;
  }
}
