import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { isAway } from './database-failure';
import type { Turns } from './turns';

/**
 * A pool that never uses a connection again once a statement on it was given up. Such a statement may still be under way, in an
 * open transaction; the next user's statements would wait behind it, and then become part of it. With the connection the server
 * undoes the transaction.
 */
export function impatient(pool: Pool, turns: Turns): PostgresPool {
  return {
    connect: async () => {
      await turns.take();
      try {
        return watched(await pool.connect(), () => turns.give());
      } catch (error) {
        turns.give();
        throw error;
      }
    },
    end: () => pool.end(),
  };
}

function watched(client: PoolClient, released: () => void): PostgresPoolClient {
  let broken: Error | undefined;
  const query = async (statement: string, parameters: readonly unknown[]): Promise<unknown> => {
    if (broken) throw broken;
    try {
      return await client.query(statement, [...parameters]);
    } catch (error) {
      // An error with a code is the server's own answer; the connection is in order.
      if (error instanceof Error && !('code' in error) && isAway(error)) broken = error;
      throw error;
    }
  };
  return {
    query: query as PostgresPoolClient['query'],
    release: () => {
      client.release(broken);
      released();
    },
  };
}
