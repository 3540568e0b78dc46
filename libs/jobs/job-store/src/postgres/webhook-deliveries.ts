import type { Database } from '@millrace/database';
import { databaseFailure } from '@millrace/database';
import { sql } from 'kysely';

/** A delivery in hand: nobody else gets it until the time that `claim` pushed its row ahead. */
export interface Delivery {
  readonly id: string;
  readonly stream: string;
  readonly event: string;
  readonly url: string;
  /** The exact bytes to send. */
  readonly body: string;
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

const ms = (value: number) => sql`make_interval(secs => ${value / 1000})`;

/** The rows of `webhook_deliveries`, which appends write. */
export class WebhookDeliveries {
  constructor(private readonly database: Database) {}

  /** Takes due deliveries and pushes their rows `holdMs` ahead: should this process die, they are tried again then. Throws SERVICE_UNAVAILABLE. */
  async claim(limit: number, holdMs: number): Promise<Delivery[]> {
    try {
      const { rows } = await sql<Delivery>`
        update webhook_deliveries set due_at = clock_timestamp() + ${ms(holdMs)}, attempts = attempts + 1
        where id in (
          select id from webhook_deliveries where state = 'pending' and due_at <= clock_timestamp()
          order by due_at limit ${limit} for update skip locked)
        returning id, stream, event, url, body, trace, attempts`.execute(this.database.kysely);
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
