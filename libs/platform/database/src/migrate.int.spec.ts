import { createTestDatabase, freePort, type TestDatabase } from '@millrace/testing';
import { sql } from 'kysely';
import { createDatabase, type Database, migrate, requireSchema } from '.';
import { MIGRATIONS } from './migrations';

const ALL = MIGRATIONS.map(({ version, name }) => `${String(version).padStart(4, '0')}-${name}`);
const NEWEST = MIGRATIONS.length;

let test: TestDatabase;
let database: Database;

beforeEach(async () => {
  test = await createTestDatabase();
  database = createDatabase({ url: test.url, applicationName: 'test' });
});

afterEach(async () => {
  await database.close();
  await test.drop();
});

const empty = () => sql`drop schema public cascade; create schema public`.execute(database.kysely);
const asked = () => requireSchema(database.kysely);

/** Tables and columns, as Postgres tells them. */
const schema = async () =>
  (await sql`select table_name, column_name, data_type from information_schema.columns where table_schema = 'public' order by table_name, ordinal_position`.execute(database.kysely)).rows;

describe('migrations', () => {
  it('are numbered without holes', () => {
    expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, i) => i + 1));
  });

  it('bring an empty database to the newest schema; the second time there is nothing to do', async () => {
    await empty();
    expect(await migrate(test.url)).toEqual(ALL);
    const before = await schema();
    expect(before.length).toBeGreaterThan(50);
    expect(await migrate(test.url)).toEqual([]);
    expect(await schema()).toEqual(before);
  });

  it('are made once when two processes start at the same time', async () => {
    await empty();
    const made = await Promise.all([migrate(test.url), migrate(test.url)]);
    expect(made.sort((a, b) => a.length - b.length)).toEqual([[], ALL]);
  });

  it('give accounts that are there already a signing secret each', async () => {
    const steps = MIGRATIONS as { version: number; name: string; up: string }[];
    const later = steps.splice(3);
    try {
      await empty();
      await migrate(test.url);
    } finally {
      steps.push(...later);
    }
    await sql`insert into accounts (username, email) values ('a', 'a@millrace.test'), ('b', 'b@millrace.test')`.execute(database.kysely);
    expect(await migrate(test.url)).toEqual(ALL.slice(3));
    const { rows } = await sql<{ webhook_secret: string }>`select distinct webhook_secret from accounts`.execute(database.kysely);
    expect(rows).toEqual([1, 2].map(() => ({ webhook_secret: expect.stringMatching(/^[0-9a-f]{64}$/) })));
  });

  it('leave nothing of a step that fails, and keep the steps before it', async () => {
    const steps = MIGRATIONS as { version: number; name: string; up: string }[];
    steps.push({ version: NEWEST + 1, name: 'broken', up: 'create table half_made (); select nonsense' });
    try {
      await empty();
      await expect(migrate(test.url)).rejects.toThrow('nonsense');
      await expect(asked()).rejects.toMatchObject({ publicMessage: expect.stringContaining(`has schema ${NEWEST}, this version needs ${NEWEST + 1}`) });
    } finally {
      steps.pop();
    }
    expect((await sql`select to_regclass('half_made') as there`.execute(database.kysely)).rows).toEqual([{ there: null }]);
    expect(await migrate(test.url)).toEqual([]);
  });
});

describe('requireSchema', () => {
  it('accepts the schema of this version, and a newer one', async () => {
    await asked();
    await sql`insert into schema_migrations (version, name) values (${NEWEST + 1}, 'later')`.execute(database.kysely);
    await asked();
  });

  it('refuses an older one and none at all, and names the fix', async () => {
    const refusal = (version: number) => ({ code: 'SERVICE_UNAVAILABLE', publicMessage: `The database has schema ${version}, this version needs ${NEWEST}: run "npm run migrate"` });
    await sql`delete from schema_migrations where version = ${NEWEST}`.execute(database.kysely);
    await expect(asked()).rejects.toMatchObject(refusal(NEWEST - 1));
    await sql`delete from schema_migrations`.execute(database.kysely);
    await expect(asked()).rejects.toMatchObject(refusal(0));
    await empty();
    await expect(asked()).rejects.toMatchObject(refusal(0));
  });

  it('says that Postgres is away', async () => {
    const away = createDatabase({ url: `postgres://postgres:x@127.0.0.1:${await freePort()}/none`, applicationName: 'test' });
    await expect(requireSchema(away.kysely)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', publicMessage: 'The service is temporarily unavailable' });
    await away.close();
  });
});
