import { SUBJECTS, laneDurable, type Lane } from '@millrace/contracts';

/** A stream as code. Durations in milliseconds, sizes in bytes. */
export interface StreamDefinition {
  readonly name: string;
  readonly subjects: readonly string[];
  /** `workqueue`: an acknowledged message is gone. `limits`: messages stay until age or size removes them. */
  readonly retention: 'workqueue' | 'limits';
  readonly maxAgeMs?: number;
  /** The oldest go first beyond it. */
  readonly maxBytes: number;
  /** How long the server remembers message ids to drop repeats. */
  readonly duplicateWindowMs: number;
  /** Copies in a cluster. Default: 1. */
  readonly replicas?: number;
}

/** A durable pull consumer as code. */
export interface ConsumerDefinition {
  readonly durable: string;
  /** One subject filter: nats-server 2.9 refuses several. */
  readonly filterSubject?: string;
  /** How long a delivered message may stay unsettled. Default: 30 s. */
  readonly ackWaitMs?: number;
  /** Default: -1, for ever. */
  readonly maxDeliver?: number;
  /** Unsettled messages over all readers of the durable. Default: 10,000, far above what they hold, so that it never throttles. */
  readonly maxAckPending?: number;
  /** Where a new durable begins. Default: `all`. An existing one stays where it is. */
  readonly deliver?: 'all' | 'new';
}

const DAY_MS = 86_400_000;
const MIB = 1024 ** 2;
/** The least that nats-server 2.9 accepts as more than "the default of 2 minutes". Invitations carry no message id, so nothing is ever dropped. */
const NO_DUPLICATES_MS = 100;

/** Invitations. */
export const workStream = ({ replicas = 1 }: { replicas?: number } = {}): StreamDefinition => ({
  name: 'WORK',
  subjects: ['work.>'],
  retention: 'workqueue',
  maxBytes: 256 * MIB,
  duplicateWindowMs: NO_DUPLICATES_MS,
  replicas,
});

/** Facts, in order. `maxAgeMs` defaults to 7 days; whoever needs older ones asks `log.read`. */
export const eventsStream = ({ maxAgeMs = 7 * DAY_MS, maxBytes = 1024 * MIB, replicas = 1 }: { maxAgeMs?: number; maxBytes?: number; replicas?: number } = {}): StreamDefinition => ({
  name: 'EVENTS',
  subjects: ['events.>'],
  retention: 'limits',
  maxAgeMs,
  maxBytes,
  duplicateWindowMs: NO_DUPLICATES_MS,
  replicas,
});

/** What a durable could not handle, on `dlq.<durable>`, kept 30 days. */
export const dlqStream = ({ replicas = 1 }: { replicas?: number } = {}): StreamDefinition => ({
  name: 'DLQ',
  subjects: ['dlq.>'],
  retention: 'limits',
  maxAgeMs: 30 * DAY_MS,
  maxBytes: 256 * MIB,
  // A dead letter is published again when its acknowledgement was lost.
  duplicateWindowMs: 120_000,
  replicas,
});

/** Every stream of the platform. Their one owner, the orchestrator, ensures them at each (re)connection. */
export const allStreams = (options: { maxAgeMs?: number; maxBytes?: number; replicas?: number } = {}): StreamDefinition[] => [
  workStream(options),
  eventsStream(options),
  dlqStream(options),
];

/** The consumer of a lane: its invitations come again after 10 s unless acknowledged, for ever. */
export const laneConsumer = (lane: Lane): ConsumerDefinition => ({
  durable: laneDurable(lane),
  filterSubject: SUBJECTS.work(lane),
  ackWaitMs: 10_000,
  maxDeliver: -1,
  maxAckPending: 10_000,
});
