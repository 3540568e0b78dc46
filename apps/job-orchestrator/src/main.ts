import 'reflect-metadata';
import { hostname } from 'node:os';
import { keyBytes, loadConfig } from '@millrace/config';
import { blobStoreSettings, runOrchestrator } from '@millrace/orchestration';
import { createLogger, startTelemetry } from '@millrace/telemetry';
import { environment } from './environment';

async function main(): Promise<void> {
  const env = loadConfig(environment);
  startTelemetry({ service: 'job-orchestrator', instance: env.INSTANCE });
  const log = createLogger({ service: 'job-orchestrator', level: env.LOG_LEVEL, instance: env.INSTANCE });
  await runOrchestrator(
    {
      databaseUrl: env.DATABASE_URL.reveal(),
      nats: { url: env.NATS_URL, ...(env.NATS_USER && { user: env.NATS_USER }), ...(env.NATS_PASSWORD && { password: env.NATS_PASSWORD.reveal() }) },
      blobs: blobStoreSettings(env),
      publicUrl: env.PUBLIC_URL.replace(/\/+$/, ''),
      urlSecret: env.URL_SIGNING_SECRET.reveal(),
      masterKey: keyBytes(env.MASTER_KEY),
      instance: `${hostname()}-${process.pid}`,
      rules: { leaseMs: env.LEASE, queueMs: env.ENGINE_UNAVAILABLE_AFTER, retentionMs: env.RETENTION, losses: env.MAX_LOSSES, backoffMs: env.LOSS_BACKOFF },
      settleMs: env.SETTLE,
      log,
    },
    { host: env.HOST, port: env.PORT },
  );
  log.info({}, 'The orchestrator works');
}

main().catch((error: unknown) => {
  process.stderr.write(`job-orchestrator: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
