import { faultPoint } from '@millrace/config';
import { randomUUID } from 'node:crypto';
import { EVENT_SCHEMA_VERSION, type JobEvent } from '@millrace/contracts';
import { assertLeader, type Database, databaseFailure } from '@millrace/database';
import { append, ConcurrencyError, type NewEvent, readStreamAfter } from '@millrace/event-store';
import { isFailure } from '@millrace/failures';
import { fold, type JobState, type Rules } from '@millrace/job-domain';
import { currentTrace, inSpan, type SpanOptions } from '@millrace/telemetry';
import { sql } from 'kysely';
import { changesOf } from '../changes';
import type { Commit, CommitResult, JobLog, LoadedStream } from '../job-log';
import { type Links, presentJob } from '../presenter';
import { rowsOf } from '../rows';
import { applyChanges } from './apply-changes';
import { KnownFolds } from './known-folds';
import type { Sql } from './write-rows';

/** Thrown inside a transaction to roll it back and decide again. */
class Moved extends Error {}

/** The job log in Postgres: an append and everything that follows from it, in one transaction. */
export class PostgresJobLog implements JobLog {
  private readonly folds = new KnownFolds();

  constructor(
    private readonly database: Database,
    private readonly rules: Rules,
    private readonly links: Links,
  ) {}

  async load(stream: string, inputId: string): Promise<LoadedStream> {
    try {
      const known = this.folds.get(stream);
      const after = known?.version ?? 0;
      const [read, clock] = await Promise.all([
        readStreamAfter(this.database.kysely, stream, after, inputId),
        sql<{ now: Date }>`select clock_timestamp() as now`.execute(this.database.kysely),
      ]);
      const events = read.filter((event) => event.version > after);
      const version = after + events.length;
      const state = fold(stream, events as unknown as JobEvent[], known?.state);
      if (state) this.folds.put(stream, { version, state });
      return { state, version, now: clock.rows[0]!.now.toISOString(), repeated: read.some((event) => event.inputId === inputId) };
    } catch (error) {
      throw databaseFailure(error);
    }
  }

  async commit(commit: Commit): Promise<CommitResult> {
    try {
      await inSpan('job-log.append', spanOf(commit), () => this.database.transaction((trx) => this.write(trx, commit)));
      faultPoint('append-committed');
      return 'committed';
    } catch (error) {
      // A log that was set back, as by a restored backup, must not be met with folds of what it lost.
      if (error instanceof ConcurrencyError) this.folds.drop(commit.stream);
      if (error instanceof ConcurrencyError || error instanceof Moved) return 'conflict';
      if (commit.leader && isFailure(error) && error.code === 'CONFLICT') return 'superseded';
      throw error;
    }
  }

  private async write(trx: Sql, commit: Commit): Promise<void> {
    const { stream, after, before, events, inputId, expectedVersion, leader, wrappedKey, idempotency } = commit;
    if (leader) await assertLeader(trx, leader);
    await append(trx, { stream, account: after.account, expectedVersion, inputId, events: events.map((event) => newEvent(event, after)) });
    const changes = changesOf(before, after, events, this.rules);
    if (!(await applyChanges(trx, stream, changes))) throw new Moved();
    if (wrappedKey) await sql`insert into job_keys (stream, wrapped_key) values (${stream}, ${wrappedKey})`.execute(trx);
    if (idempotency) await rememberKey(trx, after.account, stream, idempotency);
    if (changes.tell) await this.deliver(trx, after, changes.tell);
    faultPoint('append-written');
  }

  /** A delivery is a row of this transaction, with the body of this moment: what comes later changes nothing of it. */
  private async deliver(trx: Sql, job: JobState, event: string): Promise<void> {
    const rows = rowsOf(job, this.rules);
    const body = JSON.stringify({ event, job: presentJob(rows.jobs[job.id]!, Object.values(rows.tasks), this.links) });
    await sql`
      insert into webhook_deliveries (id, stream, account, event, url, body, trace)
      values (${randomUUID()}, ${job.id}, ${job.account}, ${event}, ${job.webhookUrl}, ${body}, ${job.trace})`.execute(trx);
  }
}

/** A timer's append comes out of no request: the job names the trace it belongs to. */
const spanOf = ({ stream, events, after }: Commit): SpanOptions => ({
  kind: 'client',
  parent: currentTrace()?.traceparent ?? after.trace,
  attributes: { 'db.system.name': 'postgresql', 'db.operation.name': 'append', 'millrace.job.id': stream, 'millrace.events': events.length },
});

const newEvent = (event: JobEvent, job: JobState): NewEvent => ({
  eventId: randomUUID(),
  type: event.type,
  schemaVersion: EVENT_SCHEMA_VERSION,
  terminal: event.terminal ?? false,
  data: event.data,
  meta: { account: job.account, kind: job.kind, ...(job.trace && { traceparent: job.trace }) },
});

/** A key that is over 24 h old is free again; one in use makes the command decide again, and find it. */
async function rememberKey(trx: Sql, account: number, job: string, { key, bodyHash }: { key: string; bodyHash: string }): Promise<void> {
  const { rows } = await sql`
    insert into idempotency_keys (account, key, body_hash, job) values (${account}, ${key}, ${bodyHash}, ${job})
    on conflict (account, key) do update
      set body_hash = excluded.body_hash, job = excluded.job, created_at = clock_timestamp()
      where idempotency_keys.created_at <= clock_timestamp() - interval '24 hours'
    returning 1`.execute(trx);
  if (rows.length === 0) throw new IdempotencyKeyInUse(key);
}

/** Another request with the same Idempotency-Key committed first; its answer is the answer. */
export class IdempotencyKeyInUse extends Error {
  constructor(readonly key: string) {
    super('the idempotency key is in use');
    this.name = 'IdempotencyKeyInUse';
  }
}
