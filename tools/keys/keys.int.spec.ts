import { PostgresAccounts } from '@millrace/access';
import { createDatabase, type Database } from '@millrace/database';
import { hashApiKey } from '@millrace/signing';
import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import { accountJson, accountText } from './account';

let test: TestDatabase;
let database: Database;
let accounts: PostgresAccounts;
beforeAll(async () => {
  test = await createTestDatabase();
  database = createDatabase({ url: test.url, applicationName: 'test', poolSize: 2 });
  accounts = new PostgresAccounts(database);
}, 60_000);
afterAll(async () => {
  await database.close();
  await test.drop();
});

it('makes, finds, lists and revokes keys, and keeps no key itself', async () => {
  const account = await accounts.ensureAccount('A@millrace.test', 'a');
  expect(account).toBeGreaterThanOrEqual(1000);
  expect(await accounts.ensureAccount('a@millrace.test', 'again')).toBe(account);
  const made = await accounts.createKey({ account, name: 'ci', scopes: ['task.read'] });
  expect(await accounts.liveKey(hashApiKey(made.secret))).toEqual({ id: made.id, account, scopes: ['task.read'], hash: hashApiKey(made.secret) });
  const [listed] = await accounts.keys();
  expect(listed).toMatchObject({ id: made.id, prefix: made.prefix, email: 'A@millrace.test', lastUsedAt: expect.any(String) });
  expect(JSON.stringify(listed)).not.toContain(made.secret);
  expect(await accounts.revoke(made.prefix)).toBe(1);
  expect(await accounts.revoke(made.id)).toBe(0);
  expect(await accounts.liveKey(hashApiKey(made.secret))).toBeUndefined();
});

it('takes over a key that clients use already, but not from another account', async () => {
  const given = 'eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.public';
  const first = await accounts.ensureAccount('b@millrace.test', 'b');
  expect((await accounts.createKey({ account: first, name: 'sdk', scopes: [], given })).secret).toBe(given);
  const second = await accounts.ensureAccount('c@millrace.test', 'c');
  await expect(accounts.createKey({ account: second, name: 'sdk', scopes: [], given })).rejects.toThrow(RangeError);
});

it('shows accounts with their keys and the secret that signs their webhooks', async () => {
  const account = await accounts.ensureAccount('D@millrace.test', 'd');
  const { secret, prefix } = await accounts.createKey({ account, name: 'ci', scopes: ['task.read'] });
  const [shown, ...more] = await accounts.accounts('d@MILLRACE.test');
  expect(more).toEqual([]);
  expect(accountJson(shown!)).toMatchObject({ account, email: 'D@millrace.test', webhook_signing_secret: expect.stringMatching(/^[0-9a-f]{64}$/), keys: [{ prefix, live: true }] });
  expect(accountText(shown!)).toContain(shown!.webhookSecret);
  expect(JSON.stringify([accountJson(shown!), accountText(shown!)])).not.toContain(secret);
  expect((await accounts.accounts()).map(({ webhookSecret }) => webhookSecret)).toContain(shown!.webhookSecret);
  expect(await accounts.accounts('nobody@millrace.test')).toEqual([]);
});
