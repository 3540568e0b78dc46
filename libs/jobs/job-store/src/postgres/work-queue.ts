import { ANY_VERSION, type Lane, type PoolAnnouncement } from '@millrace/contracts';
import { sql } from 'kysely';
import type { LeaderToken } from '../job-log';
import type { QueuedTask } from '../orchestration-store';
import type { Sql } from './write-rows';

/** Ends a transaction unless `leader` still leads; holds the lease row meanwhile. */
export type AssertLeader = (db: Sql, leader: LeaderToken) => Promise<void>;

const ms = (value: number) => sql`make_interval(secs => ${value / 1000})`;

/** Not shown to the workers for `againMs`, and past its backoff. */
const invitable = (againMs: number) => sql`
  tasks.phase = 'queued' and (tasks.not_before is null or tasks.not_before <= clock_timestamp())
  and not exists (
    select from task_invitations shown
    where shown.task = tasks.id and shown.step = tasks.step and shown.attempt = tasks.attempt and shown.losses = tasks.losses
      and shown.invited_at > clock_timestamp() - ${ms(againMs)})`;

/** The queue as the dispatcher sees it, and the pools that serve it. */
export class PostgresWorkQueue {
  constructor(
    private readonly db: Sql,
    private readonly assertLeader: AssertLeader,
  ) {}

  async waitingLanes(againMs: number): Promise<Lane[]> {
    const { rows } = await sql<Lane>`
      select region, engine, version from tasks where ${invitable(againMs)} group by region, engine, version order by min(queued_at)`.execute(this.db);
    return rows;
  }

  async waitingTasks({ region, engine, version }: Lane, limit: number, againMs: number): Promise<QueuedTask[]> {
    const { rows } = await sql<QueuedTask>`
      select tasks.stream, tasks.id as task, tasks.step, tasks.attempt, tasks.losses, tasks.engine, jobs.trace
      from tasks join jobs on jobs.id = tasks.stream
      where tasks.region = ${region} and tasks.engine = ${engine} and tasks.version = ${version} and ${invitable(againMs)}
      order by tasks.queued_at, tasks.id limit ${limit}`.execute(this.db);
    return rows;
  }

  async markInvited(tasks: readonly QueuedTask[], leader: LeaderToken): Promise<void> {
    await this.db.transaction().execute(async (trx) => {
      await this.assertLeader(trx, leader);
      await sql`
        insert into task_invitations (task, step, attempt, losses, invited_at)
        select task, step, attempt, losses, clock_timestamp()
        from jsonb_to_recordset(${JSON.stringify(tasks)}::jsonb) shown (task uuid, step integer, attempt integer, losses integer)
        on conflict (task) do update
        set step = excluded.step, attempt = excluded.attempt, losses = excluded.losses, invited_at = excluded.invited_at`.execute(trx);
    });
  }

  async announce({ worker, pool, region, slots, free, engines }: PoolAnnouncement): Promise<void> {
    await sql`
      insert into pools (worker, region, pool, engine, version, slots, free, heard_at)
      select ${worker}, ${region}, ${pool}, name, version, ${slots}, ${free}, clock_timestamp()
      from jsonb_to_recordset(${JSON.stringify(engines)}::jsonb) hosted (name text, version text)
      on conflict (worker, engine, version) do update
      set region = excluded.region, pool = excluded.pool, slots = excluded.slots, free = excluded.free, heard_at = excluded.heard_at`.execute(this.db);
  }

  async freeSlots({ region, engine, version }: Lane, withinMs: number): Promise<number> {
    const { rows } = await sql<{ free: number }>`
      select coalesce(sum(free), 0)::int as free from pools
      where region = ${region} and engine = ${engine} and (${version} = ${ANY_VERSION} or version = ${version})
        and heard_at > clock_timestamp() - ${ms(withinMs)}`.execute(this.db);
    return rows[0]!.free;
  }

  async liveLanes(withinMs: number): Promise<Lane[]> {
    const { rows } = await sql<Lane>`
      select distinct region, engine, version from pools where heard_at > clock_timestamp() - ${ms(withinMs)}`.execute(this.db);
    return rows.flatMap((lane) => [lane, { ...lane, version: ANY_VERSION }]);
  }

  async countSilence(connectedMs: number, withinMs: number, limitMs: number, leader: LeaderToken): Promise<string[]> {
    return this.db.transaction().execute(async (trx) => {
      await this.assertLeader(trx, leader);
      const unheard = sql`
        select engine || ' ' || version as hosted from (select distinct engine, version from tasks where phase = 'queued') wanted
        where not exists (
          select from pools
          where pools.engine = wanted.engine and (wanted.version = ${ANY_VERSION} or pools.version = wanted.version) and heard_at > clock_timestamp() - ${ms(withinMs)})`;
      await sql`delete from engine_silence where engine not in (${unheard})`.execute(trx);
      const { rows } = await sql<{ engine: string; silent_ms: number }>`
        insert into engine_silence (engine, silent_ms)
        select hosted, ${Math.round(connectedMs)}::bigint from (${unheard}) unheard
        on conflict (engine) do update set silent_ms = engine_silence.silent_ms + excluded.silent_ms
        returning engine, silent_ms::float8 as silent_ms`.execute(trx);
      return rows.filter((row) => row.silent_ms >= limitMs).map((row) => row.engine);
    });
  }
}
