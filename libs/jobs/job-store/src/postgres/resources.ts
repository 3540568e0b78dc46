import { sql } from 'kysely';
import type { TaskNow } from '../resource-lists';
import type { JobView, Resources } from '../resources';
import type { JobRow, TaskRow } from '../rows';
import { UUID } from './resource-lists';
import { jobRow, type Stamped, taskNow, taskRow } from './rows-read';
import type { Sql } from './write-rows';

/** Reads of the API over the read models. */
export class PostgresResources implements Resources {
  constructor(private readonly db: Sql) {}

  async job(id: string, account: number): Promise<JobView | undefined> {
    if (!UUID.test(id)) return undefined;
    const [jobs, tasks] = await Promise.all([
      sql<Stamped<JobRow>>`select * from jobs where id = ${id} and account = ${account} and kind = 'job'`.execute(this.db),
      sql<Stamped<TaskRow> & { percent: number | null }>`
        select tasks.*, task_progress.percent from tasks left join task_progress on task_progress.task = tasks.id and task_progress.run = tasks.run
        where stream = ${id} and account = ${account} order by ordinal`.execute(this.db),
    ]);
    const job = jobs.rows[0];
    if (!job) return undefined;
    const percents = new Map(tasks.rows.flatMap((row) => (row.percent === null ? [] : [[row.id, row.percent] as const])));
    return { job: jobRow(job), tasks: tasks.rows.map(({ percent: _percent, ...row }) => taskRow(row)), percents };
  }

  async task(id: string, account: number): Promise<TaskNow | undefined> {
    if (!UUID.test(id)) return undefined;
    const { rows } = await sql<Stamped<TaskRow> & { percent: number | null }>`
      select tasks.*, task_progress.percent from tasks left join task_progress on task_progress.task = tasks.id and task_progress.run = tasks.run
      where id = ${id} and account = ${account}`.execute(this.db);
    return rows[0] && taskNow(rows[0]);
  }

  async signedTask(id: string): Promise<TaskRow | undefined> {
    if (!UUID.test(id)) return undefined;
    const { rows } = await sql<Stamped<TaskRow>>`select * from tasks where id = ${id}`.execute(this.db);
    return rows[0] && taskRow(rows[0]);
  }

  async ended(ids: readonly string[]): Promise<Set<string>> {
    const open = await sql<{ id: string }>`
      select id from jobs where id = any(${ids}::uuid[]) and kind = 'job' and status not in ('finished', 'error')
      union all
      select id from tasks where id = any(${ids}::uuid[]) and status not in ('finished', 'error')`.execute(this.db);
    const stillOpen = new Set(open.rows.map((row) => row.id));
    return new Set(ids.filter((id) => !stillOpen.has(id)));
  }

  async idempotent(account: number, key: string): Promise<{ job: string; bodyHash: string } | undefined> {
    const { rows } = await sql<{ job: string; body_hash: string }>`
      select job, body_hash from idempotency_keys
      where account = ${account} and key = ${key} and created_at > clock_timestamp() - interval '24 hours'`.execute(this.db);
    return rows[0] && { job: rows[0].job, bodyHash: rows[0].body_hash };
  }
}
