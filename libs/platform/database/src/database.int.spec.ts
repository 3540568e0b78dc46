import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createTestDatabase, freePort, type TestDatabase } from '@millrace/testing';
import { type Kysely, sql } from 'kysely';
import { createDatabase, type Database } from '.';

let test: TestDatabase;
let database: Database;

beforeAll(async () => {
  test = await createTestDatabase();
  database = createDatabase({ url: test.url, applicationName: 'test' });
  await sql`create table marks (id integer primary key, text text)`.execute(database.kysely);
});

beforeEach(async () => {
  await sql`truncate marks`.execute(database.kysely);
  await sql`insert into marks values (1, ''), (2, '')`.execute(database.kysely);
});

afterAll(async () => {
  await database.close();
  await test.drop();
});

const mark = (db: Kysely<any>, id: number, text: string) => sql`update marks set text = text || ${text} where id = ${id}`.execute(db);
const marks = async () => (await sql<{ text: string }>`select text from marks order by id`.execute(database.kysely)).rows.map((row) => row.text);
const away = { code: 'SERVICE_UNAVAILABLE' };

describe('a transaction', () => {
  it('is undone by an error of the work, which passes as it is', async () => {
    const failing = database.transaction(async (trx) => {
      await mark(trx, 1, 'a');
      throw new RangeError('no');
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect(await marks()).toEqual(['', '']);
  });

  it('runs again after a deadlock, so that both sides get through', async () => {
    const tries: string[] = [];
    let arrived = 0;
    let meet = (): void => undefined;
    const both = new Promise<void>((resolve) => (meet = resolve));
    const crossing = (name: string, first: number, second: number) =>
      database.transaction(async (trx) => {
        tries.push(name);
        await mark(trx, first, name);
        // Both hold their first row before either asks for its second.
        if ((arrived += 1) === 2) meet();
        await both;
        await mark(trx, second, name);
      });
    await Promise.all([crossing('a', 1, 2), crossing('b', 2, 1)]);
    expect(tries.length).toBeGreaterThan(2);
    expect((await marks()).map((text) => [...text].sort().join(''))).toEqual(['ab', 'ab']);
  });

  it('gives up after five deadlocks in a row', async () => {
    let tries = 0;
    const hopeless = database.transaction(() => {
      tries += 1;
      throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
    });
    await expect(hopeless).rejects.toMatchObject({ code: '40P01' });
    expect(tries).toBe(5);
  });

  it('survives the loss of its connection between two statements', async () => {
    const cut = database.transaction(async (trx) => {
      await mark(trx, 1, 'a');
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
      await sql`select pg_terminate_backend(${rows[0]!.pid}, 5000)`.execute(database.kysely);
      await mark(trx, 2, 'a');
    });
    await expect(cut).rejects.toMatchObject(away);
    expect(await marks()).toEqual(['', '']);
  });
});

describe('a database that is away', () => {
  /** Fails long before a statement may take its 10 s: an answer comes within the second of `connectTimeoutMs`. */
  const SOON_MS = 5_000;

  it('is told at once when nobody listens', async () => {
    const closed = createDatabase({ url: `postgres://postgres:x@127.0.0.1:${await freePort()}/none`, applicationName: 'test' });
    await expect(closed.ping()).rejects.toMatchObject(away);
    await expect(closed.transaction((trx) => mark(trx, 1, 'a'))).rejects.toMatchObject(away);
    await closed.close();
  }, SOON_MS);

  it('is told within the second when it accepts connections and says nothing', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const frozen = createDatabase({ url: `postgres://postgres:x@127.0.0.1:${(silent.address() as AddressInfo).port}/none`, applicationName: 'test' });
    await expect(Promise.allSettled([frozen.ping(), frozen.transaction((trx) => mark(trx, 1, 'a'))])).resolves.toEqual(
      Array(2).fill({ status: 'rejected', reason: expect.objectContaining(away) }),
    );
    await frozen.close();
    sockets.forEach((socket) => socket.destroy());
    silent.close();
  }, SOON_MS);

  it('is told as well when all connections are taken', async () => {
    const narrow = createDatabase({ url: test.url, poolSize: 1, turnMs: 100, applicationName: 'test' });
    await narrow.transaction(() => expect(narrow.ping()).rejects.toMatchObject(away));
    await narrow.ping();
    await narrow.close();
  }, SOON_MS);

  it('is used again when it is back', async () => {
    const own = createDatabase({ url: test.url, applicationName: 'test-back' });
    await own.ping();
    await sql`select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'test-back'`.execute(database.kysely);
    // The pool may not have heard yet; one failure is all it costs.
    await own.ping().catch((error: unknown) => expect(error).toMatchObject(away));
    await own.ping();
    await own.close();
  });
});

describe('errors of statements', () => {
  it('are no outage', async () => {
    await expect(database.transaction((trx) => sql`select nonsense`.execute(trx))).rejects.toMatchObject({ code: '42703' });
    await expect(database.transaction((trx) => sql`insert into marks values (1, '')`.execute(trx))).rejects.toMatchObject({ code: '23505' });
  });

  it('are one when the statement took too long', async () => {
    const hasty = createDatabase({ url: test.url, statementTimeoutMs: 50, applicationName: 'test' });
    await expect(hasty.transaction((trx) => sql`select pg_sleep(5)`.execute(trx))).rejects.toMatchObject(away);
    await hasty.close();
  });
});

it('closing leaves no connection behind', async () => {
  const own = createDatabase({ url: test.url, poolSize: 4, applicationName: 'test-closed' });
  const connections = async () => (await sql`select from pg_stat_activity where application_name = 'test-closed'`.execute(database.kysely)).rows.length;
  await Promise.all(Array.from({ length: 4 }, () => own.transaction((trx) => sql`select pg_sleep(0.05)`.execute(trx))));
  await own.transaction(() => Promise.reject(new Error('no'))).catch(() => undefined);
  expect(await connections()).toBe(4);
  await own.close();
  // The server ends its side a moment after it is told.
  while ((await connections()) > 0);
  await expect(own.ping()).rejects.toMatchObject(away);
});
