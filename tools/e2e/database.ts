import { Client } from 'pg';
import type { Stack } from '../testing/stack';

/** Rows of the stack's database, past the API. */
export async function query<T extends object>(stack: Stack, text: string, values: readonly unknown[] = []): Promise<T[]> {
  const client = new Client({ connectionString: stack.at.postgres.url });
  await client.connect();
  try {
    return (await client.query<T>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}

export interface LoggedEvent {
  readonly type: string;
  readonly terminal: boolean;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The log of a job or standalone task, in order. */
export const eventsOf = (stack: Stack, stream: string): Promise<LoggedEvent[]> =>
  query<LoggedEvent>(stack, 'select type, terminal, data from job_events where stream = $1 order by version', [stream]);
