import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { createFsBlobStore } from '@millrace/blob-store';
import { MIGRATIONS } from '@millrace/database';
import { Client } from 'pg';
import { query } from '../e2e/database';
import { startPostgres } from '../testing/postgres-server';
import { type Stack, startStack } from '../testing/stack';

/** An installation as version 0.1.0 at that commit left it, with jobs in every state: rows of its tables, no file. */
interface Recorded {
  readonly recordedAt: string;
  readonly schema: number;
  readonly apiKey: string;
  readonly jobs: { readonly [name in 'finished' | 'failed' | 'crashed' | 'waiting' | 'queued']: string } & { readonly running: readonly string[] };
  readonly tables: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
}

const CONTENT = Buffer.from('old content\n');
const PASSWORD = 'recorded-database';
const AGO_MS = 60_000;

/** As if it had been recorded `AGO_MS` ago: each time in it is moved on, so that of its deadlines only the leases have passed, which were of a minute. */
function recordedLately(): Recorded {
  const text = readFileSync(path.join(__dirname, 'fixtures/schema-3.json'), 'utf8');
  const later = Date.now() - AGO_MS - Date.parse((JSON.parse(text) as Recorded).recordedAt);
  const moved = text.replace(/"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|\+00:00)"/g, (_, whole: string, fraction = '', zone: string) => {
    const [date] = new Date(Date.parse(`${whole}Z`) + Math.floor(later / 1_000) * 1_000).toISOString().split('.');
    return `"${date}${fraction}${zone}"`;
  });
  return JSON.parse(moved) as Recorded;
}

/** The schema of then, by the migrations of then, and its rows. */
async function load(url: string, { schema, tables }: Recorded): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('create table schema_migrations (version integer primary key, name text not null, applied_at timestamptz not null default now())');
    for (const { version, name, up } of MIGRATIONS.filter(({ version }) => version <= schema)) {
      await client.query(up);
      await client.query('insert into schema_migrations (version, name) values ($1, $2)', [version, name]);
    }
    await client.query(`set session_replication_role = 'replica'`);
    for (const [table, rows] of Object.entries(tables)) {
      await client.query(`insert into ${table} overriding system value select * from jsonb_populate_recordset(null::${table}, $1)`, [JSON.stringify(rows)]);
    }
    await client.query(`select setval(pg_get_serial_sequence('job_events', 'position'), (select max(position) from job_events)), setval(pg_get_serial_sequence('accounts', 'id'), (select max(id) from accounts))`);
  } finally {
    await client.end();
  }
}

jest.setTimeout(120_000);

describe('an installation of the version before', () => {
  let folder: string;
  let stack: Stack;
  const recorded = recordedLately();

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'millrace-upgrade-'));
    chmodSync(folder, 0o711);
    mkdirSync(path.join(folder, 'blobs'), { mode: 0o700 });
    const server = await startPostgres({ dataDir: path.join(folder, 'postgres'), password: PASSWORD, fsync: false });
    await load(server.url, recorded).finally(() => server.stop());
    const blobs = createFsBlobStore(path.join(folder, 'blobs'));
    for (const { blob } of recorded.tables['blobs']!) await blobs.put(String(blob), Readable.from([CONTENT]));
    writeFileSync(path.join(folder, 'state.json'), JSON.stringify({ postgresPassword: PASSWORD, apiKey: recorded.apiKey, proven: true }), { mode: 0o600 });
    stack = await startStack({ dataDir: folder });
  }, 120_000);

  afterAll(async () => {
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }, 120_000);

  it('was recorded with what this version does not write, and is brought to the schema of this one', async () => {
    const defined = recorded.tables['job_events']!.filter(({ type }) => type === 'TaskDefined').flatMap(({ data }) => (data as { steps: object[] }).steps);
    expect(new Set(defined.flatMap((step) => Object.keys(step)))).toEqual(new Set(['engine', 'version']));
    expect(recorded.tables['job_events']!.some(({ type }) => type === 'TaskRouted')).toBe(false);
    expect(await query(stack, 'select max(version) as version from schema_migrations')).toEqual([{ version: MIGRATIONS.at(-1)!.version }]);
    expect(await query(stack, `select id from accounts where length(webhook_secret) < 64`)).toEqual([]);
  });

  it('has read models that equal the fold of its log by this version', async () => {
    expect(await stack.checkProjections()).toMatchObject({ code: 0, output: expect.stringContaining(' 0 differ') });
  });

  it('shows what had ended, with its files', async () => {
    const finished = await stack.api.get(recorded.jobs.finished);
    expect(finished.status).toBe('finished');
    const { files } = finished.tasks.find(({ name }) => name === 'out')!.result!;
    expect(await stack.api.download(files![0]!.url!)).toEqual(CONTENT);
    for (const job of [recorded.jobs.failed, recorded.jobs.crashed]) expect((await stack.api.get(job)).status).toBe('error');
  });

  it('ends every job that was open: one that waited for a file, one that was queued, and those whose runs died with the old version', async () => {
    const { waiting, queued, running } = recorded.jobs;
    const form = (await stack.api.get(waiting)).tasks[0]!.result!.form!;
    expect(await stack.api.upload(form, 'in.txt', CONTENT)).toBe(201);
    for (const job of [waiting, queued, ...running]) expect(await stack.api.wait(job)).toMatchObject({ status: 'finished' });
    const out = (await stack.api.get(waiting)).tasks.find(({ name }) => name === 'out')!;
    expect(await stack.api.download(out.result!.files![0]!.url!)).toEqual(CONTENT);
    expect(await stack.checkProjections()).toMatchObject({ code: 0 });
  });
});
