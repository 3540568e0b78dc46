import type { JobEvent } from '@millrace/contracts';
import type { Database } from '@millrace/database';
import { listStreams, readStream } from '@millrace/event-store';
import { DEFAULT_RULES, fold, type Rules } from '@millrace/job-domain';
import { sql } from 'kysely';
import { type Difference, differences } from '../projections';
import { rowsOf } from '../rows';
import { readRows } from './read-rows';
import { writeReferences } from './references';
import { JOBS, putRows, removeRows, type Sql, TASKS, TIMERS } from './write-rows';

const PAGE = 500;

export interface StreamDifferences {
  readonly stream: string;
  readonly differences: readonly Difference[];
}

/** Compares the read models with the fold of the log, stream by stream, and can put them right beside a running system. */
export class Projections {
  constructor(
    private readonly database: Database,
    private readonly rules: Rules = DEFAULT_RULES,
  ) {}

  /** Streams whose rows differ. `looked` is called after each stream. */
  async *check(looked: (stream: string) => void = () => undefined): AsyncGenerator<StreamDifferences> {
    for await (const stream of this.streams()) {
      const found = await this.database.transaction((trx) => this.compare(trx, stream));
      looked(stream);
      if (found.length > 0) yield { stream, differences: found };
    }
  }

  /** Puts every stream right that differs; answers what was wrong. */
  async *rebuild(looked: (stream: string) => void = () => undefined): AsyncGenerator<StreamDifferences> {
    for await (const stream of this.streams()) {
      const wrong = await this.database.transaction(async (trx) => {
        const found = await this.compare(trx, stream);
        if (found.length > 0) await repair(trx, found);
        return found;
      });
      looked(stream);
      if (wrong.length > 0) yield { stream, differences: wrong };
    }
  }

  private async *streams(): AsyncGenerator<string> {
    let after: string | null = null;
    for (;;) {
      const page: string[] = await listStreams(this.database.kysely, after, PAGE);
      yield* page;
      if (page.length < PAGE) return;
      after = page[page.length - 1]!;
    }
  }

  /** Under the lock of the stream's row: no append changes either side meanwhile. */
  private async compare(trx: Sql, stream: string): Promise<Difference[]> {
    await sql`select from job_streams where stream = ${stream} for update`.execute(trx);
    const events = await readStream(trx, stream);
    const state = fold(stream, events as unknown as JobEvent[]);
    return differences(rowsOf(state, this.rules), await readRows(trx, stream));
  }
}

async function repair(trx: Sql, found: readonly Difference[]): Promise<void> {
  const put = (table: string): object[] => found.filter((one) => one.table === table && one.expected !== undefined).map((one) => one.expected as object);
  const remove = (table: string): object[] => found.filter((one) => one.table === table && one.expected === undefined).map((one) => one.found as object);
  for (const [name, shape] of [['tasks', TASKS], ['jobs', JOBS], ['timers', TIMERS]] as const) {
    await removeRows(trx, shape, remove(name));
    await putRows(trx, shape, put(name));
  }
  const asReferences = (rows: object[]): Parameters<typeof writeReferences>[1]['put'] => rows as Parameters<typeof writeReferences>[1]['put'];
  // An input's blob row may be among what was lost: it is made again before the reference is.
  const blobs = [...new Set(asReferences(put('references')).map((row) => row.blob))].sort();
  if (blobs.length > 0) await sql`insert into blobs (blob) select unnest(${blobs}::text[]) on conflict (blob) do nothing`.execute(trx);
  await writeReferences(trx, { put: asReferences(put('references')), remove: asReferences(remove('references')) });
}
