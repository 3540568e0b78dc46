import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { Failure } from '@millrace/failures';
import type { Tables } from './database';

const until = (ttlMs: number) => sql`clock_timestamp() + make_interval(secs => ${ttlMs / 1000})`;

/** Leadership as a row with an end, on database time: a frozen holder stops nobody. */
export class LeaderLease {
  constructor(private readonly db: Kysely<Tables>) {}

  /** Takes or renews the lease; a new token with each takeover. Undefined while somebody else holds it. */
  async lead(name: string, holder: string, ttlMs: number): Promise<{ name: string; token: string } | undefined> {
    const { rows } = await sql<{ token: string }>`
      insert into leaders (name, token, holder, expires_at) values (${name}, ${randomUUID()}, ${holder}, ${until(ttlMs)})
      on conflict (name) do update set
        token = case when leaders.holder = excluded.holder and leaders.expires_at > clock_timestamp() then leaders.token else excluded.token end,
        holder = excluded.holder,
        expires_at = excluded.expires_at
      where leaders.holder = excluded.holder or leaders.expires_at <= clock_timestamp()
      returning token`.execute(this.db);
    return rows[0] && { name, token: rows[0].token };
  }

  /** Gives the lease up, so that the next one need not wait for its end. */
  async resign({ name, token }: { name: string; token: string }): Promise<void> {
    await sql`delete from leaders where name = ${name} and token = ${token}`.execute(this.db);
  }
}

/** For writes of a leader: throws CONFLICT unless the token is still the current one; holds the row until the transaction ends. */
export async function assertLeader(trx: Kysely<Tables>, { name, token }: { name: string; token: string }): Promise<void> {
  const { rows } = await sql`select 1 from leaders where name = ${name} and token = ${token} for share`.execute(trx);
  if (rows.length === 0) throw new Failure('CONFLICT', `Another process leads ${name} now`);
}
