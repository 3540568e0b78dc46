import { type BlobStore, type BlobStoreSettings, openBlobStore } from '@millrace/blob-store';
import { createDatabase, type Database } from '@millrace/database';
import { connectBus, type EventBus, inboxPrefix } from '@millrace/event-bus';
import { CommandHandler, commitHints, createLinks, createPostgresJobStore, JobCommands, type JobStore, type Links, type Rules } from '@millrace/job-store';
import type { Logger } from '@millrace/telemetry';
import type { Accounts } from './accounts';
import { type HostSettings, Hosts } from './hosts';
import { PostgresAccounts } from './postgres-accounts';

export interface StoreSettings {
  readonly databaseUrl: string;
  readonly nats: { readonly url: string; readonly user?: string; readonly password?: string };
  readonly blobs: BlobStoreSettings;
  readonly publicUrl: string;
  readonly hosts: HostSettings;
  readonly urlSecret: string;
  readonly applicationName: string;
  /** Numbers of the protocol that differ from the default; the orchestrator's must be the same. */
  readonly rules?: Partial<Rules>;
  readonly log: Logger;
}

/** Everything outside the process that the rooms of the edge work on. */
export interface Stores {
  readonly database: Database;
  readonly bus: EventBus;
  readonly blobs: BlobStore;
  readonly jobs: JobStore;
  readonly commands: JobCommands;
  /** On PUBLIC_URL; `hosts` has those that a client can follow. */
  readonly links: Links;
  readonly hosts: Hosts;
  readonly accounts: Accounts;
  close(): Promise<void>;
}

/** Opens them all. Neither Postgres nor NATS has to be there: both are dialled when needed. */
export async function openStores(settings: StoreSettings): Promise<Stores> {
  const { databaseUrl, nats, publicUrl, urlSecret, applicationName, log } = settings;
  const database = createDatabase({ url: databaseUrl, poolSize: 24, applicationName, connectTimeoutMs: 900, statementTimeoutMs: 1_000, answerTimeoutMs: 1_200 });
  const links = createLinks({ publicUrl, secret: urlSecret });
  const jobs = createPostgresJobStore({ database, links, ...(settings.rules && { rules: settings.rules }) });
  const bus = await connectBus({ ...nats, name: applicationName, inboxPrefix: inboxPrefix('gateway'), log });
  const handler = new CommandHandler(jobs.log, jobs.rules, undefined, commitHints(bus));
  return {
    database,
    bus,
    blobs: openBlobStore(settings.blobs),
    jobs,
    commands: new JobCommands(handler, jobs.orchestration),
    links,
    hosts: new Hosts(settings.hosts, (origins) => (origins ? createLinks({ ...origins, secret: urlSecret }) : links)),
    accounts: new PostgresAccounts(database),
    close: async () => {
      await bus.close();
      await database.close();
    },
  };
}
