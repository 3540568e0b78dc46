import { assertLeader, type Database, LeaderLease } from '@millrace/database';
import { DEFAULT_RULES, type Rules } from '@millrace/job-domain';
import type { JobLog } from '../job-log';
import type { Leadership, OrchestrationStore } from '../orchestration-store';
import type { Links } from '../presenter';
import type { ResourceLists } from '../resource-lists';
import type { Resources } from '../resources';
import { PostgresJobLog } from './job-log';
import { PostgresResourceLists } from './resource-lists';
import { PostgresResources } from './resources';
import { PostgresTimers } from './timers';
import { PostgresWorkQueue } from './work-queue';

/** Everything of the job store over one database. */
export interface JobStore {
  readonly log: JobLog;
  readonly orchestration: OrchestrationStore;
  readonly resources: Resources;
  readonly lists: ResourceLists;
  readonly leadership: Leadership;
  /** The numbers that its timers are made with. */
  readonly rules: Rules;
}

/**
 * The job store in Postgres. `links` makes the URLs in webhook bodies; `rules` are what differs from the defaults, and must be the same in every
 * process that appends: who queues a task writes the timer that ends its wait.
 */
export function createPostgresJobStore(options: { database: Database; links: Links; rules?: Partial<Rules> }): JobStore {
  const { database, links } = options;
  const rules = { ...DEFAULT_RULES, ...options.rules };
  const queue = new PostgresWorkQueue(database.kysely, assertLeader);
  const timers = new PostgresTimers(database.kysely);
  return {
    rules,
    log: new PostgresJobLog(database, rules, links),
    resources: new PostgresResources(database.kysely),
    lists: new PostgresResourceLists(database.kysely),
    leadership: new LeaderLease(database.kysely),
    orchestration: {
      waitingLanes: (againMs) => queue.waitingLanes(againMs),
      waitingTasks: (lane, limit, againMs) => queue.waitingTasks(lane, limit, againMs),
      markInvited: (tasks, leader) => queue.markInvited(tasks, leader),
      announce: (pool) => queue.announce(pool),
      freeSlots: (lane, withinMs) => queue.freeSlots(lane, withinMs),
      liveLanes: (withinMs) => queue.liveLanes(withinMs),
      countSilence: (connectedMs, withinMs, limitMs, leader) => queue.countSilence(connectedMs, withinMs, limitMs, leader),
      beat: (beat, leaseMs) => timers.beat(beat, leaseMs),
      dueTimers: (kinds, engines, limit) => timers.dueTimers(kinds, engines, limit),
      postponeForeign: (stream, task, ms) => timers.postponeForeign(stream, task, ms),
      taskOutcome: (task) => timers.taskOutcome(task),
      wrappedKey: (stream) => timers.wrappedKey(stream),
    },
  };
}
