import { sql } from 'kysely';
import type { Changes } from '../changes';
import { writeReferences } from './references';
import { JOBS, putRows, removeRows, type Sql, TASKS, TIMERS } from './write-rows';

/**
 * Writes the read models and timers of one append, in its transaction.
 * Answers false when a blob or a foreign task that the decision counted on moved on: roll back and decide again.
 */
export async function applyChanges(db: Sql, stream: string, changes: Changes): Promise<boolean> {
  if (!(await stillOpen(db, changes.assumedOpen))) return false;
  await removeRows(db, TASKS, changes.tasks.remove);
  await putRows(db, TASKS, changes.tasks.put);
  await removeRows(db, JOBS, changes.jobs.remove);
  await putRows(db, JOBS, changes.jobs.put);
  await removeRows(db, TIMERS, changes.timers.remove);
  await putRows(db, TIMERS, changes.timers.put);
  if (!(await writeReferences(db, changes.references))) return false;
  await callDependents(db, stream, changes.ended);
  if (changes.dropKey) await sql`delete from job_keys where stream = ${stream}`.execute(db);
  return true;
}

/** Holds the rows of foreign tasks, so that none ends between this look and the timer that waits for it. */
async function stillOpen(db: Sql, tasks: readonly string[]): Promise<boolean> {
  if (tasks.length === 0) return true;
  const open = await sql`
    select id from tasks where id = any(${tasks}::uuid[]) and phase not in ('finished', 'failed', 'cancelled') order by id for share`.execute(db);
  return open.rows.length === tasks.length;
}

/** In a statement after the one that updated the tasks' rows: only then does it see dependents that held them meanwhile. */
async function callDependents(db: Sql, stream: string, ended: readonly string[]): Promise<void> {
  if (ended.length === 0) return;
  await sql`
    update job_timers set due_at = clock_timestamp()
    where kind = 'foreign' and task = any(${ended}::text[]) and stream <> ${stream} and due_at > clock_timestamp()`.execute(db);
}
