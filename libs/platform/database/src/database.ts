import { type Kysely, Kysely as KyselyClass, PostgresDialect, sql, type Transaction } from 'kysely';
import { Pool, types } from 'pg';
import { databaseFailure, isTransient } from './database-failure';
import { impatient } from './impatient-pool';
import { Turns } from './turns';

// Positions and counts stay below 2^53, so they travel as numbers.
types.setTypeParser(types.builtins.INT8, Number);

export interface DatabaseOptions {
  readonly url: string;
  /** Connections at most. Default 10. */
  readonly poolSize?: number;
  /** Longest statement, ms. Default 10,000. */
  readonly statementTimeoutMs?: number;
  /** Longest wait for the server's word on a statement, ms; then its connection is given up as well. Default: `statementTimeoutMs` and 2,000 more. */
  readonly answerTimeoutMs?: number;
  /** Longest wait for a connection, ms. Default 1,000: callers are told within a second that Postgres is away. */
  readonly connectTimeoutMs?: number;
  /** Longest wait until one of the connections is free, ms. Default 5,000. */
  readonly turnMs?: number;
  readonly applicationName: string;
}

export type Tables = any;

const DEADLOCK_TRIES = 5;

/** A pool of connections that notices a dead or frozen peer within seconds. */
export class Database {
  readonly kysely: Kysely<Tables>;

  constructor(
    private readonly pool: Pool,
    turns: Turns,
  ) {
    this.kysely = new KyselyClass<Tables>({ dialect: new PostgresDialect({ pool: impatient(pool, turns) }) });
  }

  /** Runs `work` in one transaction, again after a deadlock or a serialization failure. Throws SERVICE_UNAVAILABLE when Postgres is away. */
  async transaction<T>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.kysely.transaction().execute(work);
      } catch (error) {
        if (!isTransient(error) || tries >= DEADLOCK_TRIES) throw databaseFailure(error);
      }
    }
  }

  /** Throws SERVICE_UNAVAILABLE when Postgres does not answer. */
  async ping(): Promise<void> {
    try {
      await sql`select 1`.execute(this.kysely);
    } catch (error) {
      throw databaseFailure(error);
    }
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

/** Opens a pool; the first connection is made by the first statement. */
export function createDatabase(options: DatabaseOptions): Database {
  const max = options.poolSize ?? 10;
  const pool = new Pool({
    connectionString: options.url,
    max,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 1_000,
    statement_timeout: options.statementTimeoutMs ?? 10_000,
    // The server ends the transaction of a frozen process, so that it holds the log's lock for seconds at most.
    idle_in_transaction_session_timeout: 5_000,
    lock_timeout: 5_000,
    query_timeout: options.answerTimeoutMs ?? (options.statementTimeoutMs ?? 10_000) + 2_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
  });
  // An idle connection that breaks is replaced by the pool; one that breaks between two statements of a transaction
  // shows at the next statement. Without listeners either would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return new Database(pool, new Turns(max, options.turnMs ?? 5_000));
}
