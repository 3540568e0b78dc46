import type { JobEvent } from '@millrace/contracts';
import type { JobState } from '@millrace/job-domain';

/** A stream as one request read it, with the database's time of that request. */
export interface LoadedStream {
  readonly state: JobState | null;
  readonly version: number;
  /** Database time, ISO. */
  readonly now: string;
  /** True when the log holds a command with the input id that was asked for. */
  readonly repeated: boolean;
}

/** Proof that the writer still leads: its writes fail once another took over. */
export interface LeaderToken {
  readonly name: string;
  readonly token: string;
}

/** One append and everything that changes with it. */
export interface Commit {
  readonly stream: string;
  readonly expectedVersion: number;
  readonly inputId: string;
  readonly before: JobState | null;
  readonly after: JobState;
  readonly events: readonly JobEvent[];
  readonly leader?: LeaderToken;
  /** The job's sealing key, wrapped; only with the first append. */
  readonly wrappedKey?: string;
  /** Only with the first append of a creation that named an Idempotency-Key. */
  readonly idempotency?: { readonly key: string; readonly bodyHash: string };
}

/** `conflict`: the stream, a blob or a foreign task moved on; decide again. `superseded`: another leads now. */
export type CommitResult = 'committed' | 'conflict' | 'superseded';

/** The port under the commands: load a stream, append to it with all that follows from it. */
export interface JobLog {
  load(stream: string, inputId: string): Promise<LoadedStream>;
  commit(commit: Commit): Promise<CommitResult>;
}
