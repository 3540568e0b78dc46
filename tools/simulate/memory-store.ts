import { ANY_VERSION, type FileRef, type Lane, type PoolAnnouncement } from '@millrace/contracts';
import type { DueTimer, JobLog, Leadership, OrchestrationStore, QueuedTask, TaskOutcome, TaskRow } from '@millrace/job-store';
import type { OrderedLog, RelayMark, RelayMarks } from '@millrace/orchestration';
import { Failure } from '@millrace/failures';
import { isoAt, type MemoryLog, msOf, timerKey } from './memory-log';
import type { SimProcess } from './process';

/** What is shared by all processes beside the log: it lies in the same database. */
export class MemoryTables {
  readonly invited = new Map<string, number>();
  readonly pools = new Map<string, { at: number; pool: PoolAnnouncement }>();
  readonly silence = new Map<string, number>();
  mark: RelayMark | undefined;

  constructor(readonly log: MemoryLog) {}

  queued(): TaskRow[] {
    return [...this.log.tasks.values()].filter((task) => task.phase === 'queued');
  }

  heard(withinMs: number): PoolAnnouncement[] {
    return [...this.pools.values()].filter(({ at }) => at > this.log.now - withinMs).map(({ pool }) => pool);
  }

  invitable(task: TaskRow, againMs: number): boolean {
    const shown = this.invited.get(`${task.id} ${task.step} ${task.attempt} ${task.losses}`);
    return (task.not_before === null || msOf(task.not_before) <= this.log.now) && (shown === undefined || shown <= this.log.now - againMs);
  }
}

const serves = (pool: PoolAnnouncement, { region, engine, version }: Lane): boolean =>
  pool.region === region && pool.engines.some((one) => one.name === engine && (version === ANY_VERSION || version === one.version));

/** The chance that an answer of the database is lost after it did what it was asked. */
const LOST_ANSWER = 0.01;

type Reach = <T>(work: () => T) => Promise<T>;

const reachFor =
  (process: SimProcess, log: MemoryLog): Reach =>
  (work) =>
    process.call(() => {
      log.reach();
      const result = work();
      if (process.world.random.chance(LOST_ANSWER)) throw new Failure('SERVICE_UNAVAILABLE', 'The answer of the database was lost');
      return result;
    });

/** What the relay reads and keeps. */
export function relayStoreFor(process: SimProcess, tables: MemoryTables): { log: OrderedLog; marks: RelayMarks } {
  const reach = reachFor(process, tables.log);
  return {
    log: {
      read: (after, limit) =>
        reach(() => {
          const { all } = tables.log;
          const events = all.slice(after, after + limit);
          return { events, position: events.length < limit ? all.length : after + events.length };
        }),
    },
    marks: {
      read: () => reach(() => tables.mark),
      write: (mark, leader) =>
        reach(() => {
          tables.log.assertLeader(leader);
          tables.mark = mark;
        }),
    },
  };
}

/** The store as one process reaches it: every call takes time, and its answer may be lost. */
export function storeFor(process: SimProcess, tables: MemoryTables): OrchestrationStore & JobLog & Leadership {
  const { log } = tables;
  const reach = reachFor(process, log);
  const now = (): number => log.now;
  return {
    load: (stream, inputId) => reach(() => log.load(stream, inputId)),
    commit: (commit) => reach(() => log.commit(commit)),
    waitingLanes: (againMs) =>
      reach(() => {
        const lanes = tables.queued().filter((task) => tables.invitable(task, againMs)).map((task) => ({ region: task.region, engine: task.engine!, version: task.version! }));
        return [...new Map(lanes.map((lane) => [JSON.stringify(lane), lane])).values()];
      }),
    waitingTasks: (lane, limit, againMs) =>
      reach(() =>
        tables
          .queued()
          .filter((task) => task.engine === lane.engine && task.version === lane.version && tables.invitable(task, againMs))
          .sort((a, b) => (a.queued_at! < b.queued_at! ? -1 : 1))
          .slice(0, limit)
          .map((task): QueuedTask => ({ stream: task.stream, task: task.id, step: task.step, attempt: task.attempt, losses: task.losses, engine: task.engine!, trace: null })),
      ),
    markInvited: (tasks, leader) =>
      reach(() => {
        log.assertLeader(leader);
        for (const { task, step, attempt, losses } of tasks) tables.invited.set(`${task} ${step} ${attempt} ${losses}`, now());
      }),
    beat: ({ stream, task, run }, leaseMs) =>
      reach(() => {
        const key = timerKey({ stream, kind: 'lease', task, run, due_at: '' });
        const timer = log.timers.get(key);
        if (timer) log.timers.set(key, { ...timer, due_at: isoAt(now() + leaseMs) });
        return timer && log.tasks.get(task)!.account;
      }),
    dueTimers: (kinds, silent, limit) =>
      reach(() =>
        [...log.timers.values()]
          .filter((timer) => (kinds as string[]).includes(timer.kind) && msOf(timer.due_at) <= now())
          .filter((timer) => timer.kind !== 'queue' || silent.includes(hostedFor(log.tasks.get(timer.task))))
          .slice(0, limit)
          .map(({ stream, kind, task, run }): DueTimer => ({ stream, kind: kind as DueTimer['kind'], task: task || null, run: run || null })),
      ),
    postponeForeign: (stream, task, ms) =>
      reach(() => {
        const key = timerKey({ stream, kind: 'foreign', task, run: '', due_at: '' });
        const timer = log.timers.get(key);
        if (timer) log.timers.set(key, { ...timer, due_at: isoAt(now() + ms) });
      }),
    taskOutcome: (task) => reach(() => outcomeOf(log.tasks.get(task))),
    wrappedKey: () => reach(() => undefined),
    announce: (pool) => reach(() => void tables.pools.set(pool.worker, { at: now(), pool })),
    freeSlots: (lane, withinMs) => reach(() => tables.heard(withinMs).filter((pool) => serves(pool, lane)).reduce((sum, pool) => sum + pool.free, 0)),
    liveLanes: (withinMs) =>
      reach(() => tables.heard(withinMs).flatMap(({ region, engines }) => engines.flatMap(({ name, version }) => [version, ANY_VERSION].map((one) => ({ region, engine: name, version: one }))))),
    countSilence: (connectedMs, withinMs, limitMs, leader) =>
      reach(() => {
        log.assertLeader(leader);
        const heard = new Set(tables.heard(withinMs).flatMap((pool) => pool.engines.flatMap(({ name, version }) => [`${name} ${version}`, `${name} ${ANY_VERSION}`])));
        const wanted = new Set(tables.queued().map(hostedFor));
        for (const engine of tables.silence.keys()) if (heard.has(engine) || !wanted.has(engine)) tables.silence.delete(engine);
        for (const engine of wanted) if (!heard.has(engine)) tables.silence.set(engine, (tables.silence.get(engine) ?? 0) + connectedMs);
        return [...tables.silence].filter(([, ms]) => ms >= limitMs).map(([engine]) => engine);
      }),
    lead: (name, holder, ttlMs) =>
      reach(() => {
        const held = log.leaders.get(name);
        if (held && held.holder !== holder && held.expiresAt > now()) return undefined;
        const token = held?.holder === holder && held.expiresAt > now() ? held.token : process.world.random.uuid();
        log.leaders.set(name, { token, holder, expiresAt: now() + ttlMs });
        return { name, token };
      }),
    resign: (leader) => reach(() => void (log.leaders.get(leader.name)?.token === leader.token && log.leaders.delete(leader.name))),
  };
}

/** What must be hosted for the task, as `countSilence` names it. */
const hostedFor = (task: TaskRow | undefined): string => `${task?.engine} ${task?.version}`;

function outcomeOf(row: TaskRow | undefined): TaskOutcome | undefined {
  if (!row) return undefined;
  const outcome = row.phase === 'finished' ? 'finished' : row.phase === 'failed' || row.phase === 'cancelled' ? 'failed' : 'pending';
  return { stream: row.stream, account: row.account, outcome, files: row.view.files as FileRef[] };
}
