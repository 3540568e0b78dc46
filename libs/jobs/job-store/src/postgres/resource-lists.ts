import { type RawBuilder, sql } from 'kysely';
import type { JobFilter, ResourceLists, Slice, TaskFilter, TaskNow } from '../resource-lists';
import type { JobRow, TaskRow } from '../rows';
import { jobRow, type Stamped, taskNow } from './rows-read';
import type { Sql } from './write-rows';

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

type TaskWithPercent = Stamped<TaskRow> & { percent: number | null };

const all = (conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> => sql.join([...conditions], sql` and `);

/** Conditions of the filters that are given; undefined when one of them can find nothing. */
function conditionsOf(fields: readonly (readonly [value: string | undefined, condition: RawBuilder<unknown>, id?: 'id'])[]): RawBuilder<unknown>[] | undefined {
  const given = fields.filter(([value]) => value !== undefined);
  if (given.some(([value, , id]) => id && !UUID.test(value!))) return undefined;
  return given.map(([, condition]) => condition);
}

/** The query of a page of jobs; undefined when the filter can find nothing. */
export function jobsQuery(account: number, { status, tag, apiKey }: JobFilter, { limit, offset }: Slice): RawBuilder<Stamped<JobRow>> | undefined {
  const conditions = conditionsOf([
    [status, sql`status = ${status}`],
    [tag, sql`tag = ${tag}`],
    [apiKey, sql`api_key = ${apiKey}`, 'id'],
  ]);
  return conditions && sql`
    select * from jobs where ${all([sql`account = ${account} and kind = 'job'`, ...conditions])}
    order by created_at desc, id desc limit ${limit} offset ${offset}`;
}

/** The query of a page of tasks; undefined when the filter can find nothing. */
export function tasksQuery(account: number, { status, job, operation }: TaskFilter, { limit, offset }: Slice): RawBuilder<TaskWithPercent> | undefined {
  const conditions = conditionsOf([
    [status, sql`status = ${status}`],
    [job, sql`stream = ${job} and kind = 'job'`, 'id'],
    [operation, sql`operation = ${operation}`],
  ]);
  const order = sql`order by created_at desc, stream desc, ordinal`;
  return conditions && withPercent(sql`select * from tasks where ${all([sql`account = ${account}`, ...conditions])} ${order} limit ${limit} offset ${offset}`, order);
}

/** Progress is joined to the rows that were chosen, not to those that are passed over. */
const withPercent = (tasks: RawBuilder<unknown>, order: RawBuilder<unknown>): RawBuilder<TaskWithPercent> => sql`
  select chosen.*, task_progress.percent from (${tasks}) chosen left join task_progress on task_progress.task = chosen.id and task_progress.run = chosen.run ${order}`;

/** Lists over the read models. */
export class PostgresResourceLists implements ResourceLists {
  constructor(private readonly db: Sql) {}

  async jobs(account: number, filter: JobFilter, slice: Slice): Promise<JobRow[]> {
    return ((await jobsQuery(account, filter, slice)?.execute(this.db))?.rows ?? []).map(jobRow);
  }

  async tasks(account: number, filter: TaskFilter, slice: Slice): Promise<TaskNow[]> {
    return ((await tasksQuery(account, filter, slice)?.execute(this.db))?.rows ?? []).map(taskNow);
  }

  async jobsById(account: number, ids: readonly string[]): Promise<JobRow[]> {
    if (ids.length === 0) return [];
    const { rows } = await sql<Stamped<JobRow>>`select * from jobs where id = any(${ids}::uuid[]) and account = ${account} and kind = 'job'`.execute(this.db);
    return rows.map(jobRow);
  }

  tasksById(account: number, ids: readonly string[]): Promise<TaskNow[]> {
    return this.chosen(ids, sql`select * from tasks where id = any(${ids}::uuid[]) and account = ${account}`, sql``);
  }

  tasksOfJobs(account: number, jobs: readonly string[], limit: number): Promise<TaskNow[]> {
    const order = sql`order by stream, ordinal`;
    return this.chosen(jobs, sql`select * from tasks where stream = any(${jobs}::uuid[]) and account = ${account} and kind = 'job' ${order} limit ${limit}`, order);
  }

  retriesOf(account: number, tasks: readonly string[], limit: number): Promise<TaskNow[]> {
    const order = sql`order by created_at, id`;
    return this.chosen(tasks, sql`select * from tasks where retry_of = any(${tasks}::uuid[]) and account = ${account} ${order} limit ${limit}`, order);
  }

  private async chosen(ids: readonly string[], tasks: RawBuilder<unknown>, order: RawBuilder<unknown>): Promise<TaskNow[]> {
    if (ids.length === 0) return [];
    return (await withPercent(tasks, order).execute(this.db)).rows.map(taskNow);
  }
}
