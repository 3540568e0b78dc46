import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import { sql } from 'kysely';
import { assertLeader, createDatabase, type Database, LeaderLease } from '.';

const LONG_MS = 60_000;

let test: TestDatabase;
let database: Database;
let lease: LeaderLease;

beforeAll(async () => {
  test = await createTestDatabase();
  database = createDatabase({ url: test.url, applicationName: 'test' });
  lease = new LeaderLease(database.kysely);
});

beforeEach(() => sql`delete from leaders`.execute(database.kysely));
afterEach(() => jest.restoreAllMocks());

afterAll(async () => {
  await database.close();
  await test.drop();
});

const expire = () => sql`update leaders set expires_at = clock_timestamp()`.execute(database.kysely);
const write = (leader: { name: string; token: string }) => database.transaction((trx) => assertLeader(trx, leader));
const refused = { code: 'CONFLICT' };

/** Resolves when a statement of this database waits for a lock. */
async function somebodyWaits(): Promise<void> {
  const waiting = sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await waiting.execute(database.kysely)).rows.length === 0);
}

describe('a leader lease', () => {
  it('has one holder, who renews it under the same token', async () => {
    const held = await lease.lead('relay', 'a', LONG_MS);
    expect(held).toEqual({ name: 'relay', token: expect.any(String) });
    expect(await lease.lead('relay', 'b', LONG_MS)).toBeUndefined();
    expect(await lease.lead('relay', 'a', LONG_MS)).toEqual(held);
    expect(await lease.lead('sweeper', 'b', LONG_MS)).toMatchObject({ name: 'sweeper' });
  });

  it('goes to one of eight that ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => lease.lead('relay', `holder-${n}`, LONG_MS)));
    expect(answers.filter((held) => held !== undefined)).toHaveLength(1);
  });

  it('is judged by the clock of the database, not of a process', async () => {
    const now = Date.now();
    await lease.lead('relay', 'a', LONG_MS);
    jest.spyOn(Date, 'now').mockReturnValue(now + 2 * LONG_MS);
    expect(await lease.lead('relay', 'b', LONG_MS)).toBeUndefined();
    jest.spyOn(Date, 'now').mockReturnValue(now - 2 * LONG_MS);
    await expire();
    expect(await lease.lead('relay', 'b', LONG_MS)).toMatchObject({ name: 'relay' });
  });

  it('is taken over once it ran out, and its old token writes no more', async () => {
    const old = (await lease.lead('relay', 'a', LONG_MS))!;
    await write(old);
    await expire();
    const taken = (await lease.lead('relay', 'b', LONG_MS))!;
    await expect(write(old)).rejects.toMatchObject(refused);
    await write(taken);
    expect(await lease.lead('relay', 'a', LONG_MS)).toBeUndefined();
  });

  it('has a new token after it ran out, also for the same holder: somebody may have led meanwhile', async () => {
    const old = (await lease.lead('relay', 'a', LONG_MS))!;
    await expire();
    const again = (await lease.lead('relay', 'a', LONG_MS))!;
    expect(again.token).not.toBe(old.token);
    await expect(write(old)).rejects.toMatchObject(refused);
  });

  it('is not taken over in the middle of a write of its holder', async () => {
    const old = (await lease.lead('relay', 'a', LONG_MS))!;
    await expire();
    const order: string[] = [];
    let takeover: Promise<unknown> | undefined;
    await database.transaction(async (trx) => {
      await assertLeader(trx, old);
      takeover = lease.lead('relay', 'b', LONG_MS).then(() => order.push('taken over'));
      await somebodyWaits();
      order.push('written');
    });
    await takeover;
    expect(order).toEqual(['written', 'taken over']);
  });

  it('can be given up, by the one who holds it', async () => {
    const held = (await lease.lead('relay', 'a', LONG_MS))!;
    await lease.resign({ name: 'relay', token: '00000000-0000-4000-8000-000000000000' });
    expect(await lease.lead('relay', 'b', LONG_MS)).toBeUndefined();
    await lease.resign(held);
    await expect(write(held)).rejects.toMatchObject(refused);
    expect(await lease.lead('relay', 'b', LONG_MS)).toBeDefined();
  });
});
