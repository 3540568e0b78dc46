import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { createDatabase, type Database } from '@millrace/database';
import { createTestDatabase, freePort, type TestDatabase } from '@millrace/testing';
import { type Kysely, sql } from 'kysely';
import { append, LogReader, type StoredEvent } from '.';
import { events } from './testing/events';

let test: TestDatabase;
let database: Database;
let reader: LogReader;

beforeEach(async () => {
  test = await createTestDatabase();
  database = createDatabase({ url: test.url, poolSize: 13, applicationName: 'test' });
  reader = new LogReader(test.url);
});

afterEach(async () => {
  await reader.close();
  await database.close();
  await test.drop();
});

const positionsOf = (found: readonly StoredEvent[]): number[] => found.map(({ position }) => position);

const add = (trx: Kysely<any>, stream = randomUUID(), count = 1) => append(trx, { stream, account: 1000, expectedVersion: 0, inputId: 'create', events: events(count) });

const write = (count = 1) => database.transaction((trx) => add(trx, randomUUID(), count));

/** A transaction that has appended and stays open until `end` is called. */
async function openAppend(): Promise<{ end(): Promise<void> }> {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  let done: Promise<void> | undefined;
  await new Promise<void>((appended, failed) => {
    done = database.transaction(async (trx) => {
      await add(trx);
      appended();
      await ended;
    });
    done.catch(failed);
  });
  return { end: () => (end(), done!) };
}

/** The next page that no appender stands in the way of. */
async function nextPage(after: number, limit = 100) {
  for (;;) {
    const page = await reader.read(after, limit);
    if (page !== 'busy') return page;
    await wait(20);
  }
}

describe('the ordered reader of the log', () => {
  it('passes over nothing while the log is empty: the first event is read', async () => {
    expect(await reader.read(0, 10)).toEqual({ events: [], position: 0 });
    await write();
    expect(await nextPage(0)).toMatchObject({ events: [{ position: 1, version: 1 }], position: 1 });
  });

  it('reads pages, and goes on behind the gaps of appends that were undone', async () => {
    const undo = (): Promise<void> => database.transaction(async (trx) => {
      await add(trx);
      throw new Error('undone');
    });
    await write(3);
    await expect(undo()).rejects.toThrow('undone');
    expect(await nextPage(0, 2)).toMatchObject({ events: [{ position: 1 }, { position: 2 }], position: 2 });
    expect(await nextPage(2, 2)).toMatchObject({ events: [{ position: 3 }], position: 4 });
    expect(await nextPage(9, 2)).toEqual({ events: [], position: 9 });
  });

  it('waits for an append in flight that a naive reader loses', async () => {
    const slow = await openAppend();
    await write();
    const naive = async (after: number) => (await sql<{ position: number }>`select position from job_events where position > ${after} order by position`.execute(database.kysely)).rows.map((row) => row.position);
    const seen = await naive(0);
    expect(seen).toEqual([2]);
    expect(await reader.read(0, 10)).toBe('busy');
    await slow.end();
    // The negative control: position 1 became visible behind the checkpoint of the naive reader.
    expect(await naive(seen[0]!)).toEqual([]);
    expect(positionsOf((await nextPage(0)).events)).toEqual([1, 2]);
  });

  it('loses none and inverts none under 12 writers with rollbacks', async () => {
    const [writers, rounds, perAppend, streams] = [12, 40, 3, Array.from({ length: 6 }, () => randomUUID())];
    let writing = true;
    const writer = async (n: number): Promise<void> => {
      for (let round = 0; round < rounds; round += 1) await appendOne(database, streams[(n + round) % streams.length]!, { count: perAppend, rollBack: (n + round) % 4 === 0 });
    };
    const read: StoredEvent[] = [];
    const reading = (async () => {
      for (let position = 0, last = false; ; ) {
        last = !writing;
        const page = await nextPage(position, 100);
        read.push(...page.events);
        position = page.position;
        if (last && page.events.length === 0) return;
      }
    })();
    await Promise.all(Array.from({ length: writers }, (_, n) => writer(n)));
    writing = false;
    await reading;
    const { rows } = await sql<{ position: number }>`select position from job_events order by position`.execute(database.kysely);
    expect(read).toHaveLength(writers * rounds * perAppend);
    expect(positionsOf(read)).toEqual(rows.map((row) => row.position));
    for (const stream of streams) {
      const versions = read.filter((one) => one.stream === stream).map(({ version }) => version);
      expect(versions).toEqual(versions.map((_, i) => i + 1));
    }
  }, 60_000);

  it('is held up by a frozen appender only until the server ends that one, and stops no other appender', async () => {
    const frozen = await openAppend();
    expect(await reader.read(0, 10)).toBe('busy');
    await write();
    // idle_in_transaction_session_timeout of the pool.
    expect(positionsOf((await nextPage(0)).events)).toEqual([2]);
    await expect(frozen.end()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await write();
    expect(positionsOf((await nextPage(2)).events)).toEqual([3]);
  });

  it('has one connection however many read at once, and another after it broke', async () => {
    await write();
    const pages = await Promise.all(Array.from({ length: 5 }, () => nextPage(0)));
    expect(pages.map((page) => positionsOf(page.events))).toEqual(Array(5).fill([1]));
    const killed = await sql`
      select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'millrace-log-reader' and datname = current_database()`.execute(database.kysely);
    expect(killed.rows).toHaveLength(1);
    const answer = await reader.read(0, 10).catch((error: unknown) => error);
    expect(answer).toMatchObject(answer instanceof Error ? { code: 'SERVICE_UNAVAILABLE' } : { events: [{ position: 1 }] });
    expect(positionsOf((await nextPage(0)).events)).toEqual([1]);
  });

  it('says within a second that Postgres is away', async () => {
    const away = new LogReader(`postgres://postgres:x@127.0.0.1:${await freePort()}/none`);
    await expect(away.read(0, 1)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await away.close();
  });
});

/** Appends at whatever version the stream is, again after a conflict; first once in vain when it is to be rolled back. */
async function appendOne(db: Database, stream: string, { count, rollBack }: { count: number; rollBack: boolean }): Promise<void> {
  const inputId = randomUUID();
  for (let undo = rollBack; ; ) {
    try {
      return await db.transaction(async (trx) => {
        const { rows } = await sql<{ version: number }>`select version from job_streams where stream = ${stream}`.execute(trx);
        await append(trx, { stream, account: 1000, expectedVersion: rows[0]?.version ?? 0, inputId, events: events(count) });
        // Commits come in another order than positions.
        await sql`select pg_sleep(random() * 0.004)`.execute(trx);
        if (undo) throw new Undone();
      });
    } catch (error) {
      if (error instanceof Undone) undo = false;
      else if ((error as Error).name !== 'ConcurrencyError') throw error;
    }
  }
}

class Undone extends Error {}
