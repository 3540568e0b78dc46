import { EVENT_MAX_BYTES, type FileRef, type JobEvent } from '@millrace/contracts';
import { Failure } from '@millrace/failures';
import { evolveOwned, type Owned, owned } from './evolve';
import { asPlanned, type RoutePlanner } from './route';
import type { JobState } from './state';
import { bytesOf, chunks } from './storable';

/** Collects the events of one decision and the state they lead to. */
export class Decision {
  readonly events: JobEvent[] = [];
  /** The state after the events; the one before them is its caller's, and stays. */
  private after: Owned | null = null;

  constructor(
    readonly stream: string,
    private readonly before: JobState | null,
    readonly now: string,
    readonly route: RoutePlanner = asPlanned,
  ) {}

  get state(): JobState | null {
    return this.after ?? this.before;
  }

  /** The state so far. Throws RangeError before the job is created. */
  get job(): JobState {
    if (!this.state) throw new RangeError(`stream ${this.stream} does not exist`);
    return this.state;
  }

  /** Throws PAYLOAD_TOO_LARGE for an event above 64 KB: the log holds none. */
  add(event: JobEvent): void {
    if (bytesOf(event.data) > EVENT_MAX_BYTES) throw new Failure('PAYLOAD_TOO_LARGE', 'The request is too large to be kept');
    this.events.push(event);
    this.after = evolveOwned(this.after ?? (this.before && owned(this.before)), event, this.stream);
  }

  /** FilesStored events of at most 100 files each. */
  store(task: string, step: number, run: string, files: readonly FileRef[]): void {
    for (const chunk of chunks(files)) this.add({ type: 'FilesStored', data: { at: this.now, task, step, run, files: chunk } });
  }

  /** InputResolved events of at most 100 files each; the last one carries the outcome. */
  resolve(input: string, outcome: 'finished' | 'failed', files: readonly FileRef[]): void {
    const pieces = outcome === 'finished' && files.length > 0 ? chunks(files) : [[]];
    pieces.forEach((piece, i) => this.add({ type: 'InputResolved', data: { at: this.now, input, outcome, files: piece, more: i < pieces.length - 1 } }));
  }

  finish(task: string, end: { message?: string | null; metadata?: Record<string, string | number | boolean | null> | null; output?: string | null } = {}): void {
    this.add({ type: 'TaskFinished', data: { at: this.now, task, message: end.message ?? null, metadata: end.metadata ?? null, output: end.output ?? null } });
  }
}
