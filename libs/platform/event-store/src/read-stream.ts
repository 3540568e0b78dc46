import { type Kysely, sql } from 'kysely';
import { type EventRow, eventOf, type StoredEvent, type Upcasters } from './event';

type Sql = Kysely<any>;

/** The events of one stream by version; none for a stream that does not exist. */
export async function readStream(db: Sql, stream: string, upcasters?: Upcasters): Promise<StoredEvent[]> {
  const { rows } = await sql<EventRow>`select * from job_events where stream = ${stream} order by version`.execute(db);
  return rows.map((row) => eventOf(row, upcasters));
}

/** The events of one stream above a version, and the one that began the command `inputId` wherever it stands; by version, all of one moment. */
export async function readStreamAfter(db: Sql, stream: string, after: number, inputId: string): Promise<StoredEvent[]> {
  const { rows } = await sql<EventRow>`
    select * from job_events where stream = ${stream} and (version > ${after} or input_id = ${inputId}) order by version`.execute(db);
  return rows.map((row) => eventOf(row));
}

/** The ids of all streams, in pages by id. */
export async function listStreams(db: Sql, after: string | null, limit: number): Promise<string[]> {
  const { rows } = await sql<{ stream: string }>`
    select stream from job_streams where ${after}::uuid is null or stream > ${after}::uuid order by stream limit ${limit}`.execute(db);
  return rows.map((row) => row.stream);
}
