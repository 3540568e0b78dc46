import { assertLeader, type Database } from '@millrace/database';
import { sql } from 'kysely';
import type { LeaderToken } from '../job-log';

const ms = (value: number) => sql`make_interval(secs => ${value / 1000})`;

/** Which blobs are still wanted, and rows that have had their day. */
export class BlobLedger {
  constructor(private readonly database: Database) {}

  /**
   * Forgets up to `limit` blobs whose last reference went `afterMs` ago, and answers their keys: only now may their bytes go.
   * Each row is locked and looked at again, so that a reference added meanwhile keeps its blob.
   */
  forgetReleased(afterMs: number, limit: number, leader: LeaderToken): Promise<string[]> {
    return this.database.transaction(async (trx) => {
      await assertLeader(trx, leader);
      const { rows } = await sql<{ blob: string }>`
        with due as (
          select blob from blobs where released_at < clock_timestamp() - ${ms(afterMs)} order by released_at limit ${limit} for update skip locked
        )
        delete from blobs using due
        where blobs.blob = due.blob and not exists (select from blob_references held where held.blob = blobs.blob)
        returning blobs.blob`.execute(trx);
      return rows.map((row) => row.blob);
    });
  }

  /** Of these keys, those that no row names and that no live run or open upload can still report. */
  async unnamed(keys: readonly string[]): Promise<string[]> {
    const { rows } = await sql<{ key: string }>`
      select key from unnest(${keys}::text[]) listed (key)
      where not exists (select from blobs where blobs.blob = listed.key)
        and not exists (
          select from tasks where tasks.id::text = split_part(listed.key, '/', 1)
            and (tasks.phase = 'uploading' or (tasks.phase = 'running' and tasks.run::text = split_part(listed.key, '/', 2))))`.execute(this.database.kysely);
    return rows.map((row) => row.key);
  }

  /** Removes keys of requests after 24 h, ended deliveries after 7 days, pools not heard for a day, and marks of tasks that are no longer queued or running. */
  tidy(leader: LeaderToken): Promise<void> {
    return this.database.transaction(async (trx) => {
      await assertLeader(trx, leader);
      await sql`delete from idempotency_keys where created_at < clock_timestamp() - interval '24 hours'`.execute(trx);
      await sql`delete from webhook_deliveries where ended_at < clock_timestamp() - interval '7 days'`.execute(trx);
      await sql`delete from pools where heard_at < clock_timestamp() - interval '1 day'`.execute(trx);
      await sql`delete from task_invitations shown where not exists (select from tasks where tasks.id = shown.task and tasks.phase = 'queued')`.execute(trx);
      await sql`delete from task_progress seen where not exists (select from tasks where tasks.id = seen.task and tasks.phase = 'running')`.execute(trx);
    });
  }
}
