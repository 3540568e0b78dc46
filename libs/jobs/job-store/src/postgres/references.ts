import { sql } from 'kysely';
import type { TableChanges } from '../changes';
import type { ReferenceRow } from '../rows';
import type { Sql } from './write-rows';

const REFERENCES = sql.table('blob_references');

/** Blobs in one order, so that two transactions lock them alike. */
const blobsOf = (rows: readonly ReferenceRow[]): string[] => [...new Set(rows.map((row) => row.blob))].sort();

/**
 * Adds and drops references under the lock of their blobs' rows.
 * Answers false when an input's blob is gone already: it was removed between the decision and now.
 */
export async function writeReferences(db: Sql, { put, remove }: TableChanges<ReferenceRow>): Promise<boolean> {
  if (put.length > 0 && !(await hold(db, put))) return false;
  if (remove.length > 0) await drop(db, remove);
  return true;
}

async function hold(db: Sql, rows: readonly ReferenceRow[]): Promise<boolean> {
  const stored = blobsOf(rows.filter((row) => row.role !== 'input'));
  if (stored.length > 0) {
    await sql`
      insert into blobs (blob) select unnest(${stored}::text[])
      on conflict (blob) do update set released_at = null`.execute(db);
  }
  const lent = blobsOf(rows.filter((row) => row.role === 'input')).filter((blob) => !stored.includes(blob));
  if (lent.length > 0) {
    await sql`select from blobs where blob = any(${lent}::text[]) order by blob for update`.execute(db);
    const held = await sql`update blobs set released_at = null where blob = any(${lent}::text[]) returning blob`.execute(db);
    if (held.rows.length < lent.length) return false;
  }
  await sql`
    insert into ${REFERENCES} (blob, stream, task, role)
    select blob, stream, task, role from jsonb_populate_recordset(null::${REFERENCES}, ${JSON.stringify(rows)}::jsonb)
    on conflict do nothing`.execute(db);
  return true;
}

async function drop(db: Sql, rows: readonly ReferenceRow[]): Promise<void> {
  const blobs = blobsOf(rows);
  await sql`select from blobs where blob = any(${blobs}::text[]) order by blob for update`.execute(db);
  await sql`
    delete from ${REFERENCES} target using jsonb_populate_recordset(null::${REFERENCES}, ${JSON.stringify(rows)}::jsonb) gone
    where target.blob = gone.blob and target.stream = gone.stream and target.task = gone.task and target.role = gone.role`.execute(db);
  await sql`
    update blobs set released_at = clock_timestamp()
    where blob = any(${blobs}::text[]) and not exists (select from ${REFERENCES} held where held.blob = blobs.blob)`.execute(db);
}
