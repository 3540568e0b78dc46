import { Client } from 'pg';
import { Failure } from '@millrace/failures';
import { type Kysely, sql } from 'kysely';
import type { Tables } from './database';
import { databaseFailure } from './database-failure';
import { MIGRATIONS } from './migrations';

/** Key of the advisory lock that lets one migration run at a time. */
const MIGRATION_LOCK = 711_001;

/** How long a database may take to answer the first word, ms. */
const CONNECT_MS = 10_000;

/** Brings the database to the newest schema, each step in a transaction. Answers the steps that were made. Throws SERVICE_UNAVAILABLE when Postgres is away. */
export async function migrate(url: string): Promise<string[]> {
  const client = new Client({ connectionString: url, application_name: 'millrace-migrate', connectionTimeoutMillis: CONNECT_MS });
  await client.connect().catch((error: unknown) => {
    throw databaseFailure(error);
  });
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await client.query('create table if not exists schema_migrations (version integer primary key, name text not null, applied_at timestamptz not null default now())');
    const { rows } = await client.query<{ version: number }>('select version from schema_migrations');
    const applied = new Set(rows.map((row) => row.version));
    const made: string[] = [];
    for (const { version, name, up } of MIGRATIONS) {
      if (applied.has(version)) continue;
      await client.query(`begin; ${up}; insert into schema_migrations (version, name) values (${version}, '${name}'); commit`);
      made.push(`${String(version).padStart(4, '0')}-${name}`);
    }
    return made;
  } finally {
    await client.end();
  }
}

/** Throws SERVICE_UNAVAILABLE when the schema is older than this code, with the fix in its text, and when Postgres is away. */
export async function requireSchema(db: Kysely<Tables>): Promise<void> {
  const newest = MIGRATIONS[MIGRATIONS.length - 1]!.version;
  const version = await schemaVersion(db).catch((error: unknown) => {
    throw databaseFailure(error);
  });
  if (version < newest) throw new Failure('SERVICE_UNAVAILABLE', `The database has schema ${version}, this version needs ${newest}: run "npm run migrate"`);
}

async function schemaVersion(db: Kysely<Tables>): Promise<number> {
  const { rows } = await sql<{ there: string | null }>`select to_regclass('schema_migrations')::text as there`.execute(db);
  if (!rows[0]!.there) return 0;
  const newest = await sql<{ version: number | null }>`select max(version) as version from schema_migrations`.execute(db);
  return newest.rows[0]!.version ?? 0;
}
