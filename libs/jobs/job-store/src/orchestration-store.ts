import type { FileRef, Lane, PoolAnnouncement } from '@millrace/contracts';
import type { LeaderToken } from './job-log';

/** A queued task that an invitation may be sent for. */
export interface QueuedTask {
  readonly stream: string;
  readonly task: string;
  readonly step: number;
  readonly attempt: number;
  readonly losses: number;
  readonly engine: string;
  /** W3C traceparent of the job. */
  readonly trace: string | null;
}

/** A row of `job_timers` that is due. */
export interface DueTimer {
  readonly stream: string;
  readonly kind: 'upload' | 'lease' | 'timeout' | 'queue' | 'foreign' | 'retention';
  readonly task: string | null;
  readonly run: string | null;
}

/** A task of any stream, as another stream that waits for it needs it. */
export interface TaskOutcome {
  readonly stream: string;
  readonly account: number;
  readonly outcome: 'pending' | 'finished' | 'failed';
  readonly files: readonly FileRef[];
}

/** What claim, beat, dispatcher and sweeper ask of the database, beside the log itself. */
export interface OrchestrationStore {
  /** Lanes with queued tasks that were not invited for `againMs`. */
  waitingLanes(againMs: number): Promise<Lane[]>;
  /** The oldest of a lane that were not invited for `againMs`, past their backoff. */
  waitingTasks(lane: Lane, limit: number, againMs: number): Promise<QueuedTask[]>;
  markInvited(tasks: readonly QueuedTask[], leader: LeaderToken): Promise<void>;
  /** Moves the lease of a run and answers the account that it works for; undefined when the row is gone. */
  beat(beat: { stream: string; task: string; run: string; percent?: number | undefined }, leaseMs: number): Promise<number | undefined>;
  /** Due timers, the earliest first. `kinds` leaves out what may not be judged now; `silent`, as `countSilence` answers it, limits `queue` timers. */
  dueTimers(kinds: readonly DueTimer['kind'][], silent: readonly string[], limit: number): Promise<DueTimer[]>;
  /** Puts a `foreign` timer off, since the task it waits for is still open. */
  postponeForeign(stream: string, task: string, ms: number): Promise<void>;
  taskOutcome(task: string): Promise<TaskOutcome | undefined>;
  wrappedKey(stream: string): Promise<string | undefined>;
  announce(pool: PoolAnnouncement): Promise<void>;
  /** Free slots of the lane over all pools heard within `withinMs`. */
  freeSlots(lane: Lane, withinMs: number): Promise<number>;
  /** Lanes that a live pool serves, heard within `withinMs`. */
  liveLanes(withinMs: number): Promise<Lane[]>;
  /**
   * Counts `connectedMs` more of silence for each engine and version that tasks wait for and no pool hosts; what was heard starts at 0.
   * Answers, as "engine version", what was silent for `limitMs`. A version that nobody has ends like an engine that nobody has.
   */
  countSilence(connectedMs: number, withinMs: number, limitMs: number, leader: LeaderToken): Promise<string[]>;
}

/** Leadership as a lease row on database time. */
export interface Leadership {
  /** A token when this process leads `name` now, until it stops renewing. */
  lead(name: string, holder: string, ttlMs: number): Promise<LeaderToken | undefined>;
  resign(token: LeaderToken): Promise<void>;
}
