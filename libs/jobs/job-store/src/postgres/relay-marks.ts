import { assertLeader, type Database } from '@millrace/database';
import { sql } from 'kysely';
import type { LeaderToken } from '../job-log';

interface Mark {
  readonly position: number;
  readonly lastSequence: number;
  readonly streamCreatedAt: string;
  readonly epoch: string;
}

/** How far the relay came, written only by the relay that leads. */
export class PostgresRelayMarks {
  constructor(private readonly database: Database) {}

  async read(): Promise<Mark | undefined> {
    const { rows } = await sql<Mark>`
      select position, last_sequence as "lastSequence", stream_created_at as "streamCreatedAt", epoch from relay_marks where name = 'events'`.execute(this.database.kysely);
    return rows[0];
  }

  write({ position, lastSequence, streamCreatedAt, epoch }: Mark, leader: LeaderToken): Promise<void> {
    return this.database.transaction(async (trx) => {
      await assertLeader(trx, leader);
      await sql`
        insert into relay_marks (name, position, last_sequence, stream_created_at, epoch)
        values ('events', ${position}, ${lastSequence}, ${streamCreatedAt}, ${epoch})
        on conflict (name) do update set position = excluded.position, last_sequence = excluded.last_sequence,
          stream_created_at = excluded.stream_created_at, epoch = excluded.epoch`.execute(trx);
    });
  }
}
