/** Turns a version into a subject token: dots separate tokens, so they become `_`. */
export const versionToken = (version: string): string => version.replaceAll('.', '_');

/** One lane of WORK: every invitation for one engine and version in one region. */
export interface Lane {
  readonly region: string;
  readonly engine: string;
  readonly version: string;
}

/** Every subject on the bus, so that none is typed twice. */
export const SUBJECTS = {
  work: (lane: Lane): string => `work.${lane.region}.${lane.engine}.${versionToken(lane.version)}`,
  claim: (engine: string): string => `task.claim.${engine}`,
  claimAny: 'task.claim.*',
  beat: 'task.beat',
  report: 'task.report',
  /**
   * Where a claim, beat or report is repeated that its queue left unanswered. Every orchestrator hears it: nats-server 2.9 never drops a frozen member
   * of a queue group while messages are delivered to it, and goes on choosing it.
   */
  again: (subject: string): string => `again.${subject}`,
  announce: 'pool.announce',
  logRead: 'log.read',
  /** Core NATS hint that the log grew. Losing one costs a poll interval, no more. */
  nudge: 'nudge.job-log',
  /** Core NATS hint that a run must stop now. */
  stop: (run: string): string => `run.stop.${run}`,
  event: (type: string, account: number, job: string): string => `events.${type}.${account}.${job}`,
  eventsOfJob: (account: number, job: string): string => `events.*.${account}.${job}`,
  progress: (account: number, job: string): string => `progress.${account}.${job}`,
} as const;

/** Durable name of a lane's consumer on WORK. */
export const laneDurable = (lane: Lane): string => `${lane.region}_${lane.engine}_${versionToken(lane.version)}`;

/** Headers of a message on EVENTS. */
export const EVENT_HEADERS = { position: 'Millrace-Position', epoch: 'Millrace-Epoch', traceparent: 'traceparent' } as const;

/** The version token of invitations that any version of the engine may take. */
export const ANY_VERSION = 'any';
