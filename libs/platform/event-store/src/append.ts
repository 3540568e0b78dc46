import { EVENT_MAX_BYTES } from '@millrace/contracts';
import { Failure } from '@millrace/failures';
import { type Kysely, sql } from 'kysely';
import type { NewEvent } from './event';

/** Key of the advisory lock that appenders share and the reader takes alone; any fixed number. */
export const LOG_LOCK = 711_002;

/** The stream moved on, or the command is in it already. Load, decide and append again. */
export class ConcurrencyError extends Error {
  constructor(
    readonly stream: string,
    readonly kind: 'version' | 'input' | 'terminal',
  ) {
    super(`stream ${stream}: ${kind} conflict`);
    this.name = 'ConcurrencyError';
  }
}

export interface Append {
  readonly stream: string;
  readonly account: number;
  /** 0 for a new stream. */
  readonly expectedVersion: number;
  readonly inputId: string;
  readonly events: readonly NewEvent[];
}

type Sql = Kysely<any>;

/**
 * Appends the events of one command, all or none, inside the caller's transaction.
 * Throws RangeError without events; ConcurrencyError when the stream is not at `expectedVersion` or holds `inputId`, LIMIT_EXCEEDED for an event over 64 KB.
 */
export async function append(trx: Sql, { stream, account, expectedVersion, inputId, events }: Append): Promise<{ version: number }> {
  if (events.length === 0) throw new RangeError('an append without events');
  const rows = events.map((event, i) => ({
    stream,
    version: expectedVersion + i + 1,
    event_id: event.eventId,
    input_id: i === 0 ? inputId : null,
    type: event.type,
    schema_version: event.schemaVersion,
    terminal: event.terminal ?? false,
    data: event.data,
    meta: event.meta,
  }));
  for (const row of rows) {
    if (Buffer.byteLength(JSON.stringify(row.data)) > EVENT_MAX_BYTES) throw new Failure('LIMIT_EXCEEDED', `The task holds more than ${EVENT_MAX_BYTES} bytes of options`);
  }
  const version = expectedVersion + rows.length;
  // Shared, and taken before the identity values: the reader, which takes it alone, never passes a position still in flight.
  await sql`select pg_advisory_xact_lock_shared(${LOG_LOCK})`.execute(trx);
  const moved =
    expectedVersion === 0
      ? await sql`insert into job_streams (stream, version, account) values (${stream}, ${version}, ${account}) on conflict do nothing returning 1`.execute(trx)
      : await sql`update job_streams set version = ${version} where stream = ${stream} and version = ${expectedVersion} returning 1`.execute(trx);
  if (moved.rows.length === 0) throw new ConcurrencyError(stream, 'version');
  try {
    await sql`
      insert into job_events (stream, version, event_id, input_id, type, schema_version, terminal, data, meta)
      select stream, version, event_id, input_id, type, schema_version, terminal, data, meta
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) event
        (stream uuid, version integer, event_id uuid, input_id text, type text, schema_version integer, terminal boolean, data jsonb, meta jsonb)
      order by version`.execute(trx);
  } catch (error) {
    throw conflictOf(error, stream) ?? error;
  }
  return { version };
}

function conflictOf(error: unknown, stream: string): ConcurrencyError | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error) || error.code !== '23505') return undefined;
  const constraint = 'constraint' in error ? String(error.constraint) : '';
  return new ConcurrencyError(stream, constraint.includes('input_id') ? 'input' : constraint.includes('terminal') ? 'terminal' : 'version');
}
