import type { Readable } from 'node:stream';
import type { InputFile, StoredOutput } from './files';

/** A logger that already carries the ids of the task. */
export interface TaskLog {
  info(fields: object, msg: string): void;
  warn(fields: object, msg: string): void;
  error(fields: object, msg: string): void;
}

/** All that an engine may know about, and do for, the task it runs. */
export interface TaskContext {
  readonly taskId: string;
  /** Null for a task made outside a job. */
  readonly jobId: string | null;
  /** This claim; another attempt, or the same attempt claimed again, has another. */
  readonly runId: string;
  /** Counts from 1. */
  readonly attempt: number;
  /** Counts from 0; a task whose route has several operations runs them as steps. */
  readonly step: number;
  readonly account: string;
  /** The operation of this step, such as `convert`. */
  readonly operation: string;
  /** Checked by the catalog's declaration when the job was accepted, with secrets opened; read it defensively all the same. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly inputs: readonly InputFile[];
  /** Holds the inputs, one folder each; empty when the engine declares `fetchInputs: false`. */
  readonly inDir: string;
  /** Empty at start; local outputs lie in it. */
  readonly outDir: string;
  /** Empty at start, wiped afterwards. */
  readonly scratchDir: string;
  /** Aborted when the run must stop: cancelled, deleted, lost, past its deadline, or the process shuts down. */
  readonly signal: AbortSignal;
  readonly deadline: Date;
  readonly log: TaskLog;
  /** Reports how far the run is, 0 to 100; cheap, may be called often. */
  progress(percent: number): void;
  /**
   * Streams `source` into the blob store under this run.
   * @param opts.maxBytes refuse more than this many bytes.
   * @throws Failure LIMIT_EXCEEDED over `maxBytes`; the source's own error when it breaks. Nothing is stored then.
   */
  put(filename: string, source: Readable, opts?: { readonly maxBytes?: number }): Promise<StoredOutput>;
}
