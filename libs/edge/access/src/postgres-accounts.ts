import { randomUUID } from 'node:crypto';
import type { Scope } from '@millrace/contracts';
import { type Database, databaseFailure } from '@millrace/database';
import { apiKeyPrefix, hashApiKey, newApiKey } from '@millrace/signing';
import { type RawBuilder, sql } from 'kysely';
import type { Account, Accounts, AccountWithKeys, ApiKey, LiveKey } from './accounts';

interface KeyRow {
  id: string;
  account: number;
  name: string;
  prefix: string;
  scopes: Scope[];
  created_at: Date;
  revoked_at: Date | null;
  last_used_at: Date | null;
}

interface AccountRow {
  id: number;
  username: string;
  email: string;
  created_at: Date;
}

const accountOf = ({ id, username, email, created_at }: AccountRow): Account => ({ id, username, email, createdAt: created_at.toISOString() });

const keyOf = (row: KeyRow): ApiKey => ({
  id: row.id,
  account: row.account,
  name: row.name,
  prefix: row.prefix,
  scopes: row.scopes,
  createdAt: row.created_at.toISOString(),
  revokedAt: row.revoked_at?.toISOString() ?? null,
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
});

/** Accounts and keys in Postgres. Every method throws SERVICE_UNAVAILABLE when it is away. */
export class PostgresAccounts implements Accounts {
  constructor(private readonly database: Database) {}

  /** The use is noted once a minute at most, in the same statement. */
  async liveKey(hash: string): Promise<LiveKey | undefined> {
    const rows = await this.run(sql<LiveKey>`
      with used as (
        update api_keys set last_used_at = clock_timestamp()
        where hash = ${hash} and revoked_at is null and (last_used_at is null or last_used_at < clock_timestamp() - interval '1 minute')
      )
      select id, account, scopes, hash from api_keys where hash = ${hash} and revoked_at is null`);
    return rows[0];
  }

  async account(id: number): Promise<Account | undefined> {
    const rows = await this.run(sql<AccountRow>`select id, username, email, created_at from accounts where id = ${id}`);
    return rows[0] && accountOf(rows[0]);
  }

  /** The account with this address, made when there is none. */
  async ensureAccount(email: string, username: string): Promise<number> {
    const rows = await this.run(sql<{ id: number }>`
      insert into accounts (username, email) values (${username}, ${email})
      on conflict (lower(email)) do update set email = accounts.email returning id`);
    return rows[0]!.id;
  }

  /** A new key; `secret` is shown this once. `given` takes over a key that the owner has already. */
  async createKey(key: { account: number; name: string; scopes: readonly Scope[]; given?: string }): Promise<ApiKey & { secret: string }> {
    const fresh = key.given === undefined ? newApiKey() : { key: key.given, prefix: apiKeyPrefix(key.given) ?? key.given.slice(0, 8), hash: hashApiKey(key.given) };
    const rows = await this.run(sql<KeyRow>`
      insert into api_keys (id, account, name, prefix, hash, scopes)
      values (${randomUUID()}, ${key.account}, ${key.name}, ${fresh.prefix}, ${fresh.hash}, ${[...key.scopes]}::text[])
      on conflict (hash) do update set revoked_at = null, name = excluded.name, scopes = excluded.scopes where api_keys.account = excluded.account
      returning *`);
    if (!rows[0]) throw new RangeError('the key belongs to another account');
    return { ...keyOf(rows[0]), secret: fresh.key };
  }

  /** Every key, the newest first. */
  async keys(): Promise<(ApiKey & { email: string })[]> {
    const rows = await this.run(sql<KeyRow & { email: string }>`
      select api_keys.*, accounts.email from api_keys join accounts on accounts.id = api_keys.account order by api_keys.created_at desc`);
    return rows.map((row) => ({ ...keyOf(row), email: row.email }));
  }

  /** Every account with its keys and its signing secret, the oldest first; with `email` that one, or none. */
  async accounts(email?: string): Promise<AccountWithKeys[]> {
    const accounts = await this.run(sql<AccountRow & { webhook_secret: string }>`
      select id, username, email, created_at, webhook_secret from accounts where ${email ?? null}::text is null or lower(email) = lower(${email ?? null}) order by id`);
    const ids = accounts.map(({ id }) => id);
    const keys = await this.run(sql<KeyRow>`select * from api_keys where account = any(${ids}::integer[]) order by created_at desc`);
    return accounts.map((row) => ({ ...accountOf(row), webhookSecret: row.webhook_secret, keys: keys.filter(({ account }) => account === row.id).map(keyOf) }));
  }

  /** Ends every live key with this id or prefix; answers how many. */
  async revoke(idOrPrefix: string): Promise<number> {
    const rows = await this.run(sql`
      update api_keys set revoked_at = clock_timestamp()
      where revoked_at is null and (id::text = ${idOrPrefix} or prefix = ${idOrPrefix}) returning id`);
    return rows.length;
  }

  private async run<Row>(query: RawBuilder<Row>): Promise<Row[]> {
    try {
      return (await query.execute(this.database.kysely)).rows;
    } catch (error) {
      throw databaseFailure(error);
    }
  }
}
