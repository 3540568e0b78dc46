import { EVENT_SCHEMAS, type JobEvent } from '@millrace/contracts';
import { Failure } from '@millrace/failures';
import { evolve, type JobState, type Rules } from '@millrace/job-domain';
import { changesOf, type Commit, type CommitResult, type LeaderToken, type JobRow, type LoadedStream, type ReferenceRow, type Rows, type TableChanges, type TaskRow, type TimerRow } from '@millrace/job-store';
import type { LoggedEvent } from '@millrace/orchestration';
import type { World } from './world';

/** The epoch of virtual time, so that times are dates. */
const EPOCH = Date.UTC(2030, 0, 1);
export const isoAt = (ms: number): string => new Date(EPOCH + ms).toISOString();
export const msOf = (iso: string): number => Date.parse(iso) - EPOCH;

export interface MemoryEvent extends LoggedEvent {
  readonly inputId: string | null;
  readonly terminal: boolean;
}

export interface MemoryStream {
  readonly events: MemoryEvent[];
  readonly inputs: Set<string>;
  state: JobState | null;
}

/** How the memory store is broken on purpose. */
export interface LogFaults {
  /** Commands have no identity: a repeat is decided again. */
  readonly noInputId?: boolean;
  /** Timers are written after the append, apart from it. */
  readonly timersApart?: boolean;
  /** A leader that was superseded writes all the same. */
  readonly noLeaderCheck?: boolean;
}

/** Postgres as the job store uses it: transactions that happen whole or not at all. */
export class MemoryLog {
  readonly streams = new Map<string, MemoryStream>();
  readonly all: MemoryEvent[] = [];
  readonly tasks = new Map<string, TaskRow>();
  readonly timers = new Map<string, TimerRow>();
  readonly jobs = new Map<string, JobRow>();
  readonly references = new Map<string, ReferenceRow>();
  readonly leaders = new Map<string, { token: string; holder: string; expiresAt: number }>();
  /** Until when nobody reaches it. */
  awayUntil = 0;
  /** Called after each commit. */
  onCommit: (stream: MemoryStream, commit: Commit) => void = () => undefined;

  constructor(
    private readonly world: World,
    readonly rules: Rules,
    readonly faults: LogFaults,
  ) {}

  get now(): number {
    return this.world.timeline.now;
  }

  /** Throws SERVICE_UNAVAILABLE while the database is away. */
  reach(): void {
    if (this.now < this.awayUntil) throw new Failure('SERVICE_UNAVAILABLE', 'The database is away');
  }

  assertLeader(leader: LeaderToken): void {
    if (this.faults.noLeaderCheck) return;
    if (this.leaders.get(leader.name)?.token !== leader.token) throw new Failure('CONFLICT', `Another process leads ${leader.name}`);
  }

  load(stream: string, inputId: string): LoadedStream {
    this.reach();
    const found = this.streams.get(stream);
    const repeated = !this.faults.noInputId && (found?.inputs.has(inputId) ?? false);
    return { state: found?.state ?? null, version: found?.events.length ?? 0, now: isoAt(this.now), repeated };
  }

  commit(commit: Commit): CommitResult {
    this.reach();
    if (commit.leader && !this.faults.noLeaderCheck && this.leaders.get(commit.leader.name)?.token !== commit.leader.token) return 'superseded';
    const stream = this.streams.get(commit.stream) ?? { events: [], inputs: new Set<string>(), state: null };
    if (stream.events.length !== commit.expectedVersion) return 'conflict';
    if (!this.faults.noInputId && stream.inputs.has(commit.inputId)) return 'conflict';
    const changes = changesOf(commit.before, commit.after, commit.events, this.rules);
    if (changes.assumedOpen.some((id) => !isOpen(this.tasks.get(id)))) return 'conflict';
    this.streams.set(commit.stream, stream);
    this.appendTo(stream, commit);
    write(this.jobs, changes.jobs, (job) => job.id);
    write(this.tasks, changes.tasks, (task) => task.id);
    write(this.references, changes.references, ({ stream: id, role, task, blob }) => `${id} ${role} ${task} ${blob}`);
    const writeTimers = (): void => write(this.timers, changes.timers, timerKey);
    if (this.faults.timersApart) this.world.timeline.after(50, () => this.now >= this.awayUntil && writeTimers());
    else writeTimers();
    for (const timer of this.timers.values()) {
      if (timer.kind === 'foreign' && timer.stream !== commit.stream && changes.ended.includes(timer.task)) this.timers.set(timerKey(timer), { ...timer, due_at: isoAt(this.now) });
    }
    this.onCommit(stream, commit);
    return 'committed';
  }

  /** The rows of one stream, as the job store lays them out. */
  rowsOf(stream: string): Rows {
    const own = <Row extends { stream: string }>(table: Map<string, Row>, key: (row: Row) => string): Record<string, Row> =>
      Object.fromEntries([...table.values()].filter((row) => row.stream === stream).map((row) => [key(row), row]));
    const job = this.jobs.get(stream);
    return {
      jobs: job ? { [stream]: job } : {},
      tasks: own(this.tasks, (row) => row.id),
      timers: own(this.timers, ({ kind, task, run }) => `${kind} ${task} ${run}`),
      references: own(this.references, ({ role, task, blob }) => `${role} ${task} ${blob}`),
    };
  }

  private appendTo(stream: MemoryStream, commit: Commit): void {
    commit.events.forEach((event, i) => {
      EVENT_SCHEMAS[event.type].parse(event.data);
      if (event.terminal && stream.events.some((earlier) => earlier.terminal)) this.world.violate('one terminal event', commit.stream);
      const stored: MemoryEvent = {
        position: this.all.length + 1,
        eventId: this.world.random.uuid(),
        stream: commit.stream,
        version: stream.events.length + 1,
        type: event.type,
        at: new Date(EPOCH + this.now),
        data: event.data,
        meta: { account: commit.after.account, kind: commit.after.kind },
        inputId: i === 0 ? commit.inputId : null,
        terminal: event.terminal ?? false,
      };
      stream.events.push(stored);
      this.all.push(stored);
      stream.state = evolve(stream.state, event, commit.stream);
    });
    stream.inputs.add(commit.inputId);
  }
}

function write<Row>(table: Map<string, Row>, { put, remove }: TableChanges<Row>, key: (row: Row) => string): void {
  for (const row of remove) table.delete(key(row));
  for (const row of put) table.set(key(row), row);
}

export const timerKey = ({ stream, kind, task, run }: TimerRow): string => `${stream} ${kind} ${task} ${run}`;

const isOpen = (task: TaskRow | undefined): boolean => task !== undefined && !['finished', 'failed', 'cancelled'].includes(task.phase);

/** The events of a stream as the domain folds them. */
export const eventsOf = (stream: MemoryStream): JobEvent[] => stream.events as unknown as JobEvent[];
