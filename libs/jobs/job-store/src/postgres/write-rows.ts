import { type Kysely, sql } from 'kysely';

/** Any Kysely handle: pool or transaction. The statements below are plain SQL, so the table types play no part. */
export type Sql = Kysely<any>;

/** One table of the read models: its key and its other columns. */
export interface TableShape {
  readonly table: string;
  readonly key: readonly string[];
  readonly columns: readonly string[];
}

/** Inserts or replaces `rows` in one statement. */
export async function putRows(db: Sql, { table, key, columns }: TableShape, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return;
  const all = sql.join([...key, ...columns].map((name) => sql.ref(name)));
  const updates = sql.join(columns.map((name) => sql`${sql.ref(name)} = excluded.${sql.ref(name)}`));
  await sql`
    insert into ${sql.table(table)} (${all})
    select ${all} from jsonb_populate_recordset(null::${sql.table(table)}, ${JSON.stringify(rows)}::jsonb)
    on conflict (${sql.join(key.map((name) => sql.ref(name)))}) do update set ${updates}`.execute(db);
}

/** Deletes the rows with the keys of `rows` in one statement. */
export async function removeRows(db: Sql, { table, key }: TableShape, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return;
  const match = sql.join(
    key.map((name) => sql`target.${sql.ref(name)} = gone.${sql.ref(name)}`),
    sql` and `,
  );
  await sql`
    delete from ${sql.table(table)} target
    using jsonb_populate_recordset(null::${sql.table(table)}, ${JSON.stringify(rows)}::jsonb) gone
    where ${match}`.execute(db);
}

export const JOBS: TableShape = {
  table: 'jobs',
  key: ['id'],
  columns: ['account', 'kind', 'api_key', 'tag', 'status', 'region', 'priority', 'webhook_url', 'retry_of_job', 'trace', 'created_at', 'started_at', 'ended_at'],
};

export const TASKS: TableShape = {
  table: 'tasks',
  key: ['id'],
  columns: [
    ...['stream', 'account', 'kind', 'ordinal', 'name', 'operation', 'phase', 'status', 'step', 'attempt', 'losses', 'region', 'priority', 'engine', 'version'],
    ...['engine_version', 'run', 'queued_at', 'not_before', 'code', 'message', 'retry_of', 'created_at', 'started_at', 'ended_at', 'view'],
  ],
};

export const TIMERS: TableShape = { table: 'job_timers', key: ['stream', 'kind', 'task', 'run'], columns: ['due_at'] };
