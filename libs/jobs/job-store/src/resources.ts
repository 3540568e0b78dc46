import type { TaskNow } from './resource-lists';
import type { JobRow, TaskRow } from './rows';

/** A job with its tasks, and how far each running one is. */
export interface JobView {
  readonly job: JobRow;
  readonly tasks: readonly TaskRow[];
  /** Percent by task id, of running tasks only. */
  readonly percents: ReadonlyMap<string, number>;
}

/** Reads for the API. Foreign and missing are the same: undefined. */
export interface Resources {
  job(id: string, account: number): Promise<JobView | undefined>;
  task(id: string, account: number): Promise<TaskNow | undefined>;
  /** Which of `ids` (jobs or tasks) have ended or are gone: one query for all waiting requests. */
  ended(ids: readonly string[]): Promise<Set<string>>;
  /** A task by id without an owner, for signed uploads and downloads. */
  signedTask(id: string): Promise<TaskRow | undefined>;
  /** The job that an Idempotency-Key made within 24 h, if any. */
  idempotent(account: number, key: string): Promise<{ job: string; bodyHash: string } | undefined>;
}
