import { databaseFailure } from '@millrace/database';
import { Pool, type PoolClient } from 'pg';
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
 * position has ended, then reads up to the cap. Has a connection of its own, made anew after a failure; reads take turns on it.
 */
export class LogReader {
  private readonly pool: Pool;

  constructor(
    url: string,
    private readonly upcasters: Upcasters = {},
  ) {
    this.pool = new Pool({
      connectionString: url,
      max: 1,
      idleTimeoutMillis: 0,
      application_name: 'millrace-log-reader',
      connectionTimeoutMillis: 1_000,
      query_timeout: 10_000,
      lock_timeout: DRAIN_MS,
      keepAlive: true,
    });
    // A connection that breaks between two reads is replaced by the pool, one that breaks in a read shows at its next
    // statement. Without listeners either would end the process.
    this.pool.on('error', () => undefined);
    this.pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** `busy` when an append stood in the way for 20 ms: pause 200 ms, or it slows all others. Throws SERVICE_UNAVAILABLE when Postgres is away. */
  async read(after: number, limit: number): Promise<LogPage | 'busy'> {
    let client: PoolClient | undefined;
    let broken: unknown;
    try {
      client = await this.pool.connect();
      const cap = await drainedCap(client);
      if (cap === 'busy') return cap;
      const { rows } = await client.query<EventRow>('select * from job_events where position > $1 and position <= $2 order by position limit $3', [after, cap, limit]);
      const events = rows.map((row) => eventOf(row, this.upcasters));
      return { events, position: events.length < limit ? Math.max(after, cap) : events[events.length - 1]!.position };
    } catch (error) {
      broken = error;
      throw databaseFailure(error);
    } finally {
      // The server may still be at work for a connection that failed, and wait for the lock of the log: it goes.
      client?.release(broken !== undefined);
    }
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

async function drainedCap(client: PoolClient): Promise<number | 'busy'> {
  // A fresh sequence says last_value = 1 before its first use: without is_called the first event would be passed over.
  const { rows } = await client.query<{ cap: string }>('select case when is_called then last_value else 0 end as cap from job_events_position_seq');
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
