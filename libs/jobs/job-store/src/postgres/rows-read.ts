import type { TaskNow } from '../resource-lists';
import type { JobRow, TaskRow } from '../rows';

type Stamped<Row> = { [Key in keyof Row]: Key extends `${string}_at` | 'not_before' ? Date | (null extends Row[Key] ? null : never) : Row[Key] };

const iso = (date: Date): string => date.toISOString();
const isoOrNull = (date: Date | null): string | null => (date === null ? null : date.toISOString());

/** A row of `jobs` as the driver gives it, with ISO times. */
export const jobRow = (row: Stamped<JobRow>): JobRow => ({
  ...row,
  created_at: iso(row.created_at),
  started_at: isoOrNull(row.started_at),
  ended_at: isoOrNull(row.ended_at),
});

/** A row of `tasks` as the driver gives it, with ISO times. */
export const taskRow = (row: Stamped<TaskRow>): TaskRow => ({
  ...row,
  queued_at: isoOrNull(row.queued_at),
  not_before: isoOrNull(row.not_before),
  created_at: iso(row.created_at),
  started_at: isoOrNull(row.started_at),
  ended_at: isoOrNull(row.ended_at),
});

/** A row of `tasks` joined with its progress. */
export function taskNow({ percent, ...row }: Stamped<TaskRow> & { percent: number | null }): TaskNow {
  return { task: taskRow(row), percent: percent ?? undefined };
}

export type { Stamped };
