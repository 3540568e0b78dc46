import type { WireStatus } from '@millrace/contracts';
import type { JobRow, TaskRow } from './rows';

/** A task of a job or a standalone one, with its percent while it runs. */
export interface TaskNow {
  readonly task: TaskRow;
  readonly percent: number | undefined;
}

export interface JobFilter {
  readonly status?: WireStatus | undefined;
  readonly tag?: string | undefined;
  /** Id of the API key that made the job. */
  readonly apiKey?: string | undefined;
}

export interface TaskFilter {
  readonly status?: WireStatus | undefined;
  readonly job?: string | undefined;
  readonly operation?: string | undefined;
}

export interface Slice {
  /** Rows at most. */
  readonly limit: number;
  /** Rows passed over. */
  readonly offset: number;
}

/** Lists of what one account has, the newest first, in an order that stays the same over the pages. An id that is malformed finds nothing. */
export interface ResourceLists {
  /** Jobs without standalone tasks. */
  jobs(account: number, filter: JobFilter, slice: Slice): Promise<JobRow[]>;
  /** Tasks of one job follow one another in the order of the job. */
  tasks(account: number, filter: TaskFilter, slice: Slice): Promise<TaskNow[]>;
  jobsById(account: number, ids: readonly string[]): Promise<JobRow[]>;
  tasksById(account: number, ids: readonly string[]): Promise<TaskNow[]>;
  /** Tasks of these jobs, in the order of each; `limit` of them at most. */
  tasksOfJobs(account: number, jobs: readonly string[], limit: number): Promise<TaskNow[]>;
  /** Tasks that repeat one of these; `limit` of them at most. */
  retriesOf(account: number, tasks: readonly string[], limit: number): Promise<TaskNow[]>;
}
