import type { NatsService } from '@millrace/event-bus';

/** One of the apps, and what it is trusted with. */
export interface ServiceSpec {
  readonly name: string;
  /** Processes when `--scale` does not say otherwise. */
  readonly count: number;
  readonly natsUser: NatsService;
  /** Knows the database. Workers do not. */
  readonly database?: true;
  /** Knows the key that seals secrets of jobs. */
  readonly masterKey?: true;
  /** Opens the blob store. */
  readonly blobs?: true;
  /** Makes or checks signed URLs. */
  readonly signing?: true;
  /** Serves the API: listens on HOST, on the first ports of the block. */
  readonly gateway?: true;
  /** Its program, for tests; default `dist/apps/<name>/src/main.js`. */
  readonly entry?: string;
}

export const SERVICES: readonly ServiceSpec[] = [
  { name: 'api-gateway', count: 2, natsUser: 'gateway', blobs: true, database: true, masterKey: true, signing: true, gateway: true },
  { name: 'job-orchestrator', count: 1, natsUser: 'orchestrator', blobs: true, database: true, masterKey: true, signing: true },
  { name: 'import-service', count: 1, natsUser: 'import', blobs: true },
  { name: 'engine-ffmpeg', count: 1, natsUser: 'media', blobs: true },
  { name: 'engine-office', count: 1, natsUser: 'document', blobs: true },
  { name: 'export-service', count: 1, natsUser: 'export', blobs: true },
  { name: 'webhook-dispatcher', count: 1, natsUser: 'webhooks', database: true, signing: true },
];
