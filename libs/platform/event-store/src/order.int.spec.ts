import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createDatabase, type Database, migrate } from '@millrace/database';
import { type PostgresServer, startPostgres } from '@millrace/testing';
import { sql } from 'kysely';
import { append, LogReader, type StoredEvent } from '.';
import { event, events } from './testing/events';

let folder: string;
let server: PostgresServer;
let database: Database;
let reader: LogReader;

const start = (port?: number) => startPostgres({ dataDir: path.join(folder, 'data'), password: 'secret', fsync: false, ...(port === undefined ? {} : { port }) });

const upcasters = { Noted: { 1: (data: unknown) => ({ text: (data as { note: string }).note }) } };

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'millrace-order-'));
  // Postgres runs as another user when we are root.
  await chmod(folder, 0o755);
  server = await start();
  await migrate(server.url);
  database = createDatabase({ url: server.url, applicationName: 'test' });
  reader = new LogReader(server.url, upcasters);
});

beforeEach(() => sql`truncate job_events, job_streams restart identity`.execute(database.kysely));

afterAll(async () => {
  await reader.close();
  await database.close();
  await server.stop();
  await rm(folder, { recursive: true });
});

const write = (what = events(1)) => database.transaction((trx) => append(trx, { stream: randomUUID(), account: 1000, expectedVersion: 0, inputId: 'create', events: what }));

/** All that is in the log behind `position`, in pages of two. */
async function readOn(position: number): Promise<StoredEvent[]> {
  const found: StoredEvent[] = [];
  for (;;) {
    const page = await reader.read(position, 2);
    if (page === 'busy') {
      await wait(20);
      continue;
    }
    found.push(...page.events);
    position = page.position;
    if (page.events.length < 2) return found;
  }
}

const positions = (found: readonly StoredEvent[]): number[] => found.map(({ position }) => position);

it('the reader gives old events in their newest schema', async () => {
  await write([event({ data: { note: 'a' } }), event({ data: { text: 'b' }, schemaVersion: 2 })]);
  expect((await readOn(0)).map(({ data, schemaVersion }) => [data, schemaVersion])).toEqual([[{ text: 'a' }, 2], [{ text: 'b' }, 2]]);
});

it('one append of many events is read whole and in order, whatever the page', async () => {
  const { version } = await write(events(9));
  expect((await readOn(0)).map((one) => one.version)).toEqual(Array.from({ length: version }, (_, i) => i + 1));
});

it('a server that stops under the reader is told as away; the order goes on where it was', async () => {
  await write(events(3));
  expect(positions(await readOn(0))).toEqual([1, 2, 3]);
  await expect(
    database.transaction(async (trx) => {
      await append(trx, { stream: randomUUID(), account: 1000, expectedVersion: 0, inputId: 'create', events: events(2) });
      await server.stop();
      await sql`select 1`.execute(trx);
    }),
  ).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  await expect(reader.read(3, 10)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });

  server = await start(server.port);
  expect(await readOn(3)).toEqual([]);
  await write();
  const [next] = await readOn(3);
  expect(next!.position).toBeGreaterThan(3);
  expect(positions(await readOn(0))).toEqual([1, 2, 3, next!.position]);
});

it('closing the reader leaves no connection behind, also while it reads', async () => {
  const connections = async () => (await sql`select from pg_stat_activity where application_name = 'millrace-log-reader'`.execute(database.kysely)).rows.length;
  const before = await connections();
  const others = Array.from({ length: 3 }, () => new LogReader(server.url));
  await Promise.all(others.map((other) => other.read(0, 1)));
  expect(await connections()).toBe(before + 3);
  const last = others.map((other) => other.read(0, 1).catch((error: unknown) => error));
  await Promise.all(others.map((other) => other.close()));
  for (const answer of await Promise.all(last)) if (answer instanceof Error) expect(answer).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  // The server ends its side a moment after it is told.
  while ((await connections()) > before);
});
