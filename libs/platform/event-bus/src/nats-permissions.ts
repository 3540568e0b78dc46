import { SUBJECTS, laneDurable } from '@millrace/contracts';

/** The NATS users: one a service, `consumer` for a customer's own readers of EVENTS, `admin` for whoever supervises the server. */
export const NATS_SERVICES = ['gateway', 'orchestrator', 'import', 'media', 'document', 'export', 'webhooks', 'consumer', 'admin'] as const;
export type NatsService = (typeof NATS_SERVICES)[number];

/** The services that claim work. */
export const WORKER_SERVICES = ['import', 'media', 'document', 'export'] as const;
export type WorkerService = (typeof WORKER_SERVICES)[number];

/** An engine that a pool hosts, with the versions that have a lane of their own beside `any`. */
export interface EngineGrant {
  readonly engine: string;
  readonly versions?: readonly string[];
}

/** What decides who may do what. */
export interface PermissionOptions {
  /** Engines each worker's user may claim for and pull the lanes of. A worker that is not named may claim nothing. */
  readonly engines?: Partial<Record<WorkerService, readonly (string | EngineGrant)[]>>;
  /** Regions whose lanes exist. Default: `local`. */
  readonly regions?: readonly string[];
  /** Durables on EVENTS that the `consumer` user may create and read. Default: `consumer`. */
  readonly consumerDurables?: readonly string[];
}

export interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** Inbox prefix of a service: its answers arrive under it, and no other user may listen there. */
export const inboxPrefix = (service: NatsService): string => `_INBOX_${service}`;

const readDurable = (stream: string, durable: string): string[] => [
  `$JS.API.CONSUMER.INFO.${stream}.${durable}`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`,
  `$JS.ACK.${stream}.${durable}.>`,
];

const createDurable = (stream: string, durable: string): string[] => [
  `$JS.API.CONSUMER.CREATE.${stream}.${durable}`,
  `$JS.API.CONSUMER.CREATE.${stream}.${durable}.>`,
  `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.${durable}`,
];

function workerPermissions(service: WorkerService, { engines = {}, regions = ['local'] }: PermissionOptions): Permissions {
  const grants = (engines[service] ?? []).map((grant): EngineGrant => (typeof grant === 'string' ? { engine: grant } : grant));
  const durables = regions.flatMap((region) =>
    grants.flatMap(({ engine, versions = [] }) => ['any', ...versions].map((version) => laneDurable({ region, engine, version }))),
  );
  return {
    publish: [
      ...[...grants.map(({ engine }) => SUBJECTS.claim(engine)), SUBJECTS.beat, SUBJECTS.report].flatMap((subject) => [subject, SUBJECTS.again(subject)]),
      SUBJECTS.announce,
      ...durables.flatMap((durable) => readDurable('WORK', durable)),
    ],
    subscribe: [SUBJECTS.stop('*')],
  };
}

/**
 * What a service's user may publish and subscribe to, its own inbox aside.
 *
 * `allow_responses` is never used: with it a request that names another service's subject as its reply would be answered there with
 * the responder's rights. The orchestrator, the only responder, is given the inboxes by name instead.
 */
export function permissionsOf(service: NatsService, options: PermissionOptions): Permissions {
  switch (service) {
    case 'admin':
      return { publish: ['>'], subscribe: ['>'] };
    case 'orchestrator':
      return {
        publish: [
          ...['$JS.API.>', '$JS.ACK.>', 'work.>', 'events.>', 'dlq.>', 'progress.>'],
          SUBJECTS.stop('*'),
          SUBJECTS.nudge,
          ...NATS_SERVICES.map((other) => `${inboxPrefix(other)}.>`),
        ],
        subscribe: [...[SUBJECTS.claimAny, SUBJECTS.beat, SUBJECTS.report].flatMap((subject) => [subject, SUBJECTS.again(subject)]), SUBJECTS.announce, SUBJECTS.logRead, SUBJECTS.nudge, 'events.>'],
      };
    case 'gateway':
      return { publish: [SUBJECTS.nudge, SUBJECTS.stop('*')], subscribe: ['events.>', 'progress.>'] };
    case 'webhooks':
      return { publish: [...readDurable('EVENTS', 'webhooks'), 'dlq.webhooks'], subscribe: ['events.>'] };
    case 'consumer':
      return {
        publish: [
          SUBJECTS.logRead,
          '$JS.API.STREAM.INFO.EVENTS',
          ...(options.consumerDurables ?? ['consumer']).flatMap((durable) => [...createDurable('EVENTS', durable), ...readDurable('EVENTS', durable)]),
        ],
        subscribe: ['events.>'],
      };
    default:
      return workerPermissions(service, options);
  }
}
