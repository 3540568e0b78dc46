import { sql } from 'kysely';
import type { JobRow, ReferenceRow, Rows, TaskRow, TimerRow } from '../rows';
import { jobRow, type Stamped, taskRow } from './rows-read';
import type { Sql } from './write-rows';

/** The rows that one stream has in the read models, keyed as `rowsOf` keys them. */
export async function readRows(db: Sql, stream: string): Promise<Rows> {
  const jobs = await sql<Stamped<JobRow>>`select * from jobs where id = ${stream}`.execute(db);
  const tasks = await sql<Stamped<TaskRow>>`select * from tasks where stream = ${stream}`.execute(db);
  const timers = await sql<Stamped<TimerRow>>`select * from job_timers where stream = ${stream}`.execute(db);
  const references = await sql<ReferenceRow>`select * from blob_references where stream = ${stream}`.execute(db);
  return {
    jobs: Object.fromEntries(jobs.rows.map((row) => [row.id, jobRow(row)])),
    tasks: Object.fromEntries(tasks.rows.map((row) => [row.id, taskRow(row)])),
    timers: Object.fromEntries(timers.rows.map((row) => [`${row.kind} ${row.task} ${row.run}`, { ...row, due_at: row.due_at.toISOString() }])),
    references: Object.fromEntries(references.rows.map((row) => [`${row.role} ${row.task} ${row.blob}`, row])),
  };
}
