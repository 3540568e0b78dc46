import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type PostgresServer, startPostgres } from '@millrace/testing';
import { sql } from 'kysely';
import { createDatabase, type Database, LeaderLease, migrate } from '.';

const away = { code: 'SERVICE_UNAVAILABLE' };

let folder: string;
let server: PostgresServer;
let database: Database;
let frozen: number[];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'millrace-frozen-'));
  // Postgres runs as another user when we are root.
  await chmod(folder, 0o755);
  server = await startPostgres({ dataDir: path.join(folder, 'data'), password: 'secret', fsync: false });
  await migrate(server.url);
});

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

beforeEach(() => {
  frozen = [];
  database = createDatabase({ url: server.url, applicationName: 'test', poolSize: 1, connectTimeoutMs: 300, answerTimeoutMs: 300 });
});

afterEach(async () => {
  thaw();
  await database.close();
});

function freeze(...pids: number[]): void {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  frozen.push(...pids);
}

function thaw(): void {
  for (const pid of frozen.splice(0)) process.kill(pid, 'SIGCONT');
}

const backend = async (db = database.kysely): Promise<number> => (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)).rows[0]!.pid;
const names = async () => (await sql<{ name: string }>`select name from leaders`.execute(database.kysely)).rows.map((row) => row.name);

it('a statement that is not answered is told as away, and so is what waited behind it', async () => {
  freeze(server.pid, await backend());
  const told = await Promise.allSettled([database.ping(), database.ping(), database.transaction((trx) => names().then(() => trx))]);
  expect(told).toEqual(Array(3).fill({ status: 'rejected', reason: expect.objectContaining(away) }));
  thaw();
  await database.ping();
});

it('a transaction that was given up is undone, whatever its connection does later', async () => {
  const cut = database.transaction(async (trx) => {
    await new LeaderLease(trx).lead('half', 'a', 60_000);
    freeze(await backend(trx));
    await sql`select 1`.execute(trx);
  });
  await expect(cut).rejects.toMatchObject(away);
  thaw();
  await database.transaction(async (trx) => void (await new LeaderLease(trx).lead('whole', 'a', 60_000)));
  expect(await names()).toEqual(['whole']);
});

it('what is written after a transaction that never began stays written', async () => {
  const pid = await backend();
  freeze(pid);
  await expect(database.transaction((trx) => backend(trx))).rejects.toMatchObject(away);
  thaw();
  await new LeaderLease(database.kysely).lead('alone', 'a', 60_000);
  expect(await backend()).not.toBe(pid);
  expect(await names()).toContain('alone');
});
