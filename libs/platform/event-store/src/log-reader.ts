import { Client } from 'pg';
import { LOG_LOCK } from './append';
import { type EventRow, eventOf, type StoredEvent, type Upcasters } from './event';

export interface LogPage {
  readonly events: StoredEvent[];
  /** Where to read on from; passes over gaps that rolled-back appends left. */
  readonly position: number;
}

/** How long the reader waits for appenders in flight, ms. Longer waits hold back every append behind them. */
const DRAIN_MS = 20;

/**
 * Reads the log in order, losing none: takes the sequence's cap, waits until every append that may hold a lower
 * position has ended, then reads up to the cap. Has a connection of its own, made anew after a failure.
 */
export class LogReader {
  private client: Client | undefined;

  constructor(
    private readonly url: string,
    private readonly upcasters: Upcasters = {},
  ) {}

  /** `busy` when an append stood in the way for 20 ms: pause 200 ms, or it slows all others. Throws when Postgres is away. */
  async read(after: number, limit: number): Promise<LogPage | 'busy'> {
    try {
      const client = await this.connection();
      const cap = await this.drainedCap(client);
      if (cap === 'busy') return cap;
      const { rows } = await client.query<EventRow>('select * from job_events where position > $1 and position <= $2 order by position limit $3', [after, cap, limit]);
      const events = rows.map((row) => eventOf(row, this.upcasters));
      return { events, position: events.length < limit ? Math.max(after, cap) : events[events.length - 1]!.position };
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }

  private async connection(): Promise<Client> {
    if (this.client) return this.client;
    const client = new Client({ connectionString: this.url, application_name: 'millrace-log-reader', connectionTimeoutMillis: 1_000, query_timeout: 10_000, keepAlive: true });
    // A connection that breaks between two reads shows at the next one.
    client.on('error', () => undefined);
    await client.connect();
    await client.query(`set lock_timeout = '${DRAIN_MS}ms'`);
    this.client = client;
    return client;
  }

  private async drainedCap(client: Client): Promise<number | 'busy'> {
    // A fresh sequence says last_value = 1 before its first use: without is_called the first event would be passed over.
    const { rows } = await client.query<{ cap: number }>('select case when is_called then last_value else 0 end as cap from job_events_position_seq');
    // Of the statement's own transaction, not of the session: where the lock was granted in the very moment of its time-out, a session keeps it
    // (measured: 12 of 137 time-outs), and nobody could append any more.
    try {
      await client.query('select pg_advisory_xact_lock($1)', [LOG_LOCK]);
    } catch (error) {
      if ((error as { code?: string }).code === '55P03') return 'busy';
      throw error;
    }
    return Number(rows[0]!.cap);
  }
}
