import type { Database } from '@millrace/database';
import { databaseFailure } from '@millrace/database';
import { sql } from 'kysely';

/** A delivery in hand: nobody else gets it until the time that `claim` pushed its row ahead. */
export interface Delivery {
  readonly id: string;
  readonly stream: string;
  readonly account: number;
  readonly event: string;
  readonly url: string;
  /** Of the URL, with its port where it names one; deliveries to one host share a bound. */
  readonly host: string;
  /** The exact bytes to send. */
  readonly body: string;
  /** Of the account, as it is now; null when the account is gone. Never logged. */
  readonly signingSecret: string | null;
  readonly trace: string | null;
  /** Counts from 1, this one included. */
  readonly attempts: number;
}

/** What became of one attempt. */
export type DeliveryOutcome =
  | { readonly state: 'delivered'; readonly status: number }
  | { readonly state: 'failed'; readonly status: number | null; readonly error: string }
  /** Another attempt after `inMs`. */
  | { readonly state: 'pending'; readonly status: number | null; readonly error: string; readonly inMs: number };

/** What one claim may take. */
export interface DeliveryShare {
  /** Deliveries in all. */
  readonly limit: number;
  readonly perHost: number;
  readonly perAccount: number;
  /** Passed over: they have their share already. */
  readonly busyHosts: readonly string[];
  readonly busyAccounts: readonly number[];
}

const ms = (value: number) => sql`make_interval(secs => ${value / 1000})`;

/** Due rows looked at for each that may be taken: beyond a crowd for one host that is not busy yet. */
const LOOK_AHEAD = 4;

/** The rows of `webhook_deliveries`, which appends write. */
export class WebhookDeliveries {
  constructor(private readonly database: Database) {}

  /** Takes due deliveries and pushes their rows `holdMs` ahead: should this process die, they are tried again then. Throws SERVICE_UNAVAILABLE. */
  async claim({ limit, perHost, perAccount, busyHosts, busyAccounts }: DeliveryShare, holdMs: number): Promise<Delivery[]> {
    try {
      const { rows } = await sql<Delivery>`
        with due as (
          select id, host, account, due_at from webhook_deliveries
          where state = 'pending' and due_at <= clock_timestamp() and host <> all(${[...busyHosts]}::text[]) and account <> all(${[...busyAccounts]}::integer[])
          order by due_at limit ${limit * LOOK_AHEAD} for update skip locked),
        share as (
          select id, due_at, row_number() over (partition by host order by due_at, id) as of_host, row_number() over (partition by account order by due_at, id) as of_account from due)
        update webhook_deliveries set due_at = clock_timestamp() + ${ms(holdMs)}, attempts = attempts + 1
        where id in (select id from share where of_host <= ${perHost} and of_account <= ${perAccount} order by due_at limit ${limit})
        returning id, stream, account, event, url, host, body, trace, attempts,
          (select webhook_secret from accounts where accounts.id = webhook_deliveries.account) as "signingSecret"`.execute(this.database.kysely);
      return rows;
    } catch (error) {
      throw databaseFailure(error);
    }
  }

  async settle(id: string, outcome: DeliveryOutcome): Promise<void> {
    const { state, status } = outcome;
    const error = 'error' in outcome ? outcome.error.slice(0, 500) : null;
    const wait = outcome.state === 'pending' ? outcome.inMs : 0;
    await sql`
      update webhook_deliveries set state = ${state}, last_status = ${status}, last_error = ${error}, due_at = clock_timestamp() + ${ms(wait)},
        ended_at = case when ${state} = 'pending' then null else clock_timestamp() end
      where id = ${id}`.execute(this.database.kysely);
  }

  /** Gives a delivery back untried, to be taken again after `inMs`. */
  async giveBack(id: string, inMs: number): Promise<void> {
    await sql`update webhook_deliveries set attempts = attempts - 1, due_at = clock_timestamp() + ${ms(inMs)} where id = ${id}`.execute(this.database.kysely);
  }
}
