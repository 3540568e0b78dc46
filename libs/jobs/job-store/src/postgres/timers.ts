import type { FileRef } from '@millrace/contracts';
import { sql } from 'kysely';
import type { DueTimer, TaskOutcome } from '../orchestration-store';
import type { Sql } from './write-rows';

const ms = (value: number) => sql`make_interval(secs => ${value / 1000})`;

/** Timers, leases, and what one stream asks of another. */
export class PostgresTimers {
  constructor(private readonly db: Sql) {}

  /** Moves the lease and keeps the percent, in one statement; answers the account that the run works for, undefined when the lease row is gone. */
  async beat({ stream, task, run, percent }: { stream: string; task: string; run: string; percent?: number | undefined }, leaseMs: number): Promise<number | undefined> {
    const { rows } = await sql<{ account: number }>`
      with lease as (
        update job_timers set due_at = clock_timestamp() + ${ms(leaseMs)}
        where stream = ${stream} and kind = 'lease' and task = ${task} and run = ${run} returning 1
      ), progress as (
        insert into task_progress (task, run, percent)
        select ${task}::uuid, ${run}::uuid, ${percent ?? null}::integer from lease where ${percent ?? null}::integer is not null
        on conflict (task) do update set run = excluded.run, percent = excluded.percent
      )
      select account from jobs, lease where jobs.id = ${stream}`.execute(this.db);
    return rows[0]?.account;
  }

  async dueTimers(kinds: readonly DueTimer['kind'][], silent: readonly string[], limit: number): Promise<DueTimer[]> {
    const { rows } = await sql<DueTimer>`
      select stream, kind, nullif(task, '') as task, nullif(run, '') as run from job_timers
      where due_at <= clock_timestamp() and kind = any(${kinds}::text[])
        and (kind <> 'queue' or exists (select from tasks where tasks.id::text = job_timers.task and tasks.engine || ' ' || tasks.version = any(${silent}::text[])))
      order by due_at limit ${limit}`.execute(this.db);
    return rows;
  }

  /** Holds the row of an open task meanwhile: its end, which makes the timer due, comes before this look or after this write. */
  async postponeForeign(stream: string, task: string, wait: number): Promise<void> {
    await sql`
      with open as (
        select from tasks where id = ${task} and phase not in ('finished', 'failed', 'cancelled') for share
      )
      update job_timers set due_at = clock_timestamp() + ${ms(wait)}
      where stream = ${stream} and kind = 'foreign' and task = ${task} and exists (select from open)`.execute(this.db);
  }

  async taskOutcome(task: string): Promise<TaskOutcome | undefined> {
    const { rows } = await sql<{ stream: string; account: number; phase: string; files: FileRef[] }>`
      select stream, account, phase, view -> 'files' as files from tasks where id = ${task}`.execute(this.db);
    const row = rows[0];
    if (!row) return undefined;
    const outcome = row.phase === 'finished' ? 'finished' : row.phase === 'failed' || row.phase === 'cancelled' ? 'failed' : 'pending';
    return { stream: row.stream, account: row.account, outcome, files: row.files };
  }

  async wrappedKey(stream: string): Promise<string | undefined> {
    const { rows } = await sql<{ wrapped_key: string }>`select wrapped_key from job_keys where stream = ${stream}`.execute(this.db);
    return rows[0]?.wrapped_key;
  }
}
