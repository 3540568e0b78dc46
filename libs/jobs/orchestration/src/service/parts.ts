import { randomUUID } from 'node:crypto';
import { type BlobStore, type BlobStoreSettings, openBlobStore } from '@millrace/blob-store';
import { systemClock } from '@millrace/config';
import { SUBJECTS } from '@millrace/contracts';
import { createDatabase, type Database } from '@millrace/database';
import { connectBus, type EventBus, inboxPrefix } from '@millrace/event-bus';
import { LogReader } from '@millrace/event-store';
import { BlobLedger, CommandHandler, commitHints, createLinks, createPostgresJobStore, type JobStore, openSealedOptions, PostgresRelayMarks } from '@millrace/job-store';
import { DEFAULT_RULES, type Rules } from '@millrace/job-domain';
import type { Logger } from '@millrace/telemetry';
import { BlobSweep } from '../blob-sweep';
import { ClaimDesk } from '../claim-desk';
import { Dispatcher } from '../dispatcher';
import { Relay } from '../relay';
import { ReportDesk } from '../report-desk';
import { Sweeper, SWEEPER_SETTINGS } from '../sweeper';
import { blobManifests } from './blob-manifests';
import { JetStreamFacts, JetStreamInvitations } from './bus-adapters';

export interface OrchestrationSettings {
  readonly databaseUrl: string;
  readonly nats: { readonly url: string; readonly user?: string; readonly password?: string };
  readonly blobs: BlobStoreSettings;
  readonly publicUrl: string;
  readonly urlSecret: string;
  readonly masterKey: Uint8Array;
  /** Tells this process from the others in leases and logs. */
  readonly instance: string;
  /** Numbers of the protocol that differ from the default. */
  readonly rules?: Partial<Rules>;
  /** See SweeperSettings. */
  readonly settleMs?: number;
  readonly log: Logger;
}

/** What an orchestrator process is made of. */
export interface OrchestrationParts {
  readonly database: Database;
  readonly bus: EventBus;
  readonly blobs: BlobStore;
  readonly jobs: JobStore;
  readonly invitations: JetStreamInvitations;
  readonly claims: ClaimDesk;
  readonly reports: ReportDesk;
  readonly dispatcher: Dispatcher;
  readonly sweeper: Sweeper;
  readonly relay: Relay;
  readonly blobSweep: BlobSweep;
  /** A reader for `log.read`, apart from the relay's. */
  readonly history: LogReader;
  readonly instance: string;
  readonly log: Logger;
  close(): Promise<void>;
}

/** Builds them all. Neither Postgres nor NATS has to be there. */
export async function openOrchestration(settings: OrchestrationSettings): Promise<OrchestrationParts> {
  const { databaseUrl, nats, publicUrl, urlSecret, masterKey, instance, log } = settings;
  const rules = { ...DEFAULT_RULES, ...settings.rules };
  const database = createDatabase({ url: databaseUrl, poolSize: 16, applicationName: 'job-orchestrator' });
  const bus = await connectBus({ ...nats, name: `job-orchestrator-${instance}`, inboxPrefix: inboxPrefix('orchestrator'), log });
  const blobs = openBlobStore(settings.blobs);
  const jobs = createPostgresJobStore({ database, rules, links: createLinks({ publicUrl, secret: urlSecret }) });
  const handler = new CommandHandler(jobs.log, rules, undefined, commitHints(bus));
  const manifests = blobManifests(blobs);
  const invitations = new JetStreamInvitations(bus);
  const relayReader = new LogReader(databaseUrl);
  const history = new LogReader(databaseUrl);
  return {
    database,
    bus,
    blobs,
    jobs,
    invitations,
    instance,
    log,
    history,
    claims: new ClaimDesk(
      handler,
      jobs.orchestration,
      manifests,
      (options, wrappedKey, task) => openSealedOptions(masterKey, options, wrappedKey, task),
      (account, stream, progress) => bus.publish(SUBJECTS.progress(account, stream), progress),
    ),
    reports: new ReportDesk(handler, manifests),
    dispatcher: new Dispatcher(jobs.orchestration, invitations),
    sweeper: new Sweeper(handler, jobs.orchestration, bus, systemClock, log, { ...SWEEPER_SETTINGS, ...(settings.settleMs !== undefined && { settleMs: settings.settleMs }) }),
    blobSweep: new BlobSweep(new BlobLedger(database), blobs, systemClock, log),
    relay: new Relay(relayReader, new JetStreamFacts(bus), new PostgresRelayMarks(database), randomUUID),
    close: async () => {
      await bus.close();
      await Promise.all([relayReader.close(), history.close()]);
      await database.close();
    },
  };
}
