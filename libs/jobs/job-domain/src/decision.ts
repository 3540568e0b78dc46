import { type FileRef, FILES_PER_EVENT, type JobEvent } from '@millrace/contracts';
import { evolve } from './evolve';
import type { JobState } from './state';

/** Collects the events of one decision and the state they lead to. */
export class Decision {
  readonly events: JobEvent[] = [];

  constructor(
    readonly stream: string,
    public state: JobState | null,
    readonly now: string,
  ) {}

  /** The state so far. Throws RangeError before the job is created. */
  get job(): JobState {
    if (!this.state) throw new RangeError(`stream ${this.stream} does not exist`);
    return this.state;
  }

  add(event: JobEvent): void {
    this.events.push(event);
    this.state = evolve(this.state, event, this.stream);
  }

  /** FilesStored events of at most 100 files each. */
  store(task: string, step: number, run: string, files: readonly FileRef[]): void {
    for (const chunk of chunks(files)) this.add({ type: 'FilesStored', data: { at: this.now, task, step, run, files: chunk } });
  }

  finish(task: string, end: { message?: string | null; metadata?: Record<string, string | number | boolean | null> | null; output?: string | null } = {}): void {
    this.add({ type: 'TaskFinished', data: { at: this.now, task, message: end.message ?? null, metadata: end.metadata ?? null, output: end.output ?? null } });
  }
}

/** `files` in pieces that fit one event; one empty piece never. */
export function chunks(files: readonly FileRef[]): FileRef[][] {
  const pieces: FileRef[][] = [];
  for (let i = 0; i < files.length; i += FILES_PER_EVENT) pieces.push(files.slice(i, i + FILES_PER_EVENT));
  return pieces;
}
