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

const start = (port?: number) => startPostgres({ dataDir: path.join(folder, 'data'), password: 'secret', fsync: false, ...(port === undefined ? {} : { port }) });

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'millrace-outage-'));
  // Postgres runs as another user when we are root.
  await chmod(folder, 0o755);
  server = await start();
  await migrate(server.url);
  database = createDatabase({ url: server.url, applicationName: 'test' });
});

afterAll(async () => {
  await database.close();
  await server.stop();
  await rm(folder, { recursive: true });
});

const names = async () => (await sql<{ name: string }>`select name from leaders order by name`.execute(database.kysely)).rows.map((row) => row.name);

it('a server that stops in the middle of the work undoes it, is told as away, and is used again once it is back', async () => {
  const lease = new LeaderLease(database.kysely);
  await lease.lead('before', 'a', 60_000);

  const cut = database.transaction(async (trx) => {
    await new LeaderLease(trx).lead('half', 'a', 60_000);
    await server.stop();
    await sql`select 1`.execute(trx);
  });
  await expect(cut).rejects.toMatchObject(away);
  // More of them than the pool has connections: each is told, none waits for a turn that never comes.
  const told = await Promise.allSettled(Array.from({ length: 25 }, () => database.ping()));
  expect(told).toEqual(Array(25).fill({ status: 'rejected', reason: expect.objectContaining(away) }));

  server = await start(server.port);
  await database.ping();
  expect(await names()).toEqual(['before']);
  await lease.lead('after', 'a', 60_000);
  expect(await names()).toEqual(['after', 'before']);
});
