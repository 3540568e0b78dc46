import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { migrate, MIGRATIONS } from '@millrace/database';
import { startPostgres } from './postgres-server';

/** A database of its own for one test file. */
export interface TestDatabase {
  readonly url: string;
  /** Drops it, with whoever is still connected. */
  drop(): Promise<void>;
}

let own: Promise<string> | undefined;

/** The server of the test run, or one of this process when there is none. */
async function serverUrl(): Promise<string> {
  const given = process.env['MILLRACE_TEST_POSTGRES_URL'];
  if (given) return given;
  own ??= startOwn();
  return own;
}

/** The server of this process, started by the first of its test files that asks; ended by the teardown of the run, which finds its pid in the run's folder. */
async function startOwn(): Promise<string> {
  const folder = process.env['MILLRACE_TEST_RUN_DIR'];
  if (!folder) throw new Error('MILLRACE_TEST_RUN_DIR is not set: run tests with tools/jest/jest.config.cjs');
  // Each test file has module state of its own: a second one finds the server by this note.
  const note = path.join(folder, `postgres-${process.pid}.url`);
  if (existsSync(note)) return readFileSync(note, 'utf8');
  const server = await startPostgres({ dataDir: path.join(folder, `postgres-${process.pid}`), password: randomUUID(), fsync: false, detached: true });
  writeFileSync(path.join(folder, `pid-${server.pid}`), '');
  writeFileSync(note, server.url, { mode: 0o600 });
  return server.url;
}

async function asAdmin<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: await serverUrl() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const databaseUrl = (server: string, name: string): string => Object.assign(new URL(server), { pathname: `/${name}` }).href;

/** Key of the advisory lock under which the template is made, so that parallel test files make it once. */
const TEMPLATE_LOCK = 711_003;
/** One per schema: a server that outlives a migration must not lend the old one. */
const TEMPLATE = `millrace_template_${MIGRATIONS[MIGRATIONS.length - 1]!.version}`;

async function ensureTemplate(client: Client): Promise<void> {
  await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [TEMPLATE]);
    if (rowCount) return;
    const making = `${TEMPLATE}_making`;
    await client.query(`drop database if exists ${making}`);
    await client.query(`create database ${making}`);
    await migrate(databaseUrl(await serverUrl(), making));
    await client.query(`alter database ${making} rename to ${TEMPLATE}`);
  } finally {
    await client.query('select pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
  }
}

/** A fresh, migrated database, cloned from a template. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await asAdmin(async (client) => {
    await ensureTemplate(client);
    await client.query(`create database ${name} template ${TEMPLATE}`);
  });
  return {
    url: databaseUrl(await serverUrl(), name),
    drop: () => asAdmin(async (client) => void (await client.query(`drop database if exists ${name} with (force)`))),
  };
}
