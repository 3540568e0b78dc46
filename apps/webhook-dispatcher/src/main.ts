import { loadConfig } from '@millrace/config';
import { createLogger, startTelemetry } from '@millrace/telemetry';
import { ownAddresses, runWebhooks } from '@millrace/webhooks';
import { environment } from './environment';

async function main(): Promise<void> {
  const env = loadConfig(environment);
  startTelemetry({ service: 'webhook-dispatcher', instance: env.INSTANCE });
  const log = createLogger({ service: 'webhook-dispatcher', level: env.LOG_LEVEL, instance: env.INSTANCE });
  await runWebhooks(
    {
      databaseUrl: env.DATABASE_URL.reveal(),
      nats: { url: env.NATS_URL, ...(env.NATS_USER && { user: env.NATS_USER }), ...(env.NATS_PASSWORD && { password: env.NATS_PASSWORD.reveal() }) },
      allow: env.SAFE_FETCH_ALLOW,
      own: ownAddresses(env.PUBLIC_URL),
      retryWaitsMs: env.WEBHOOK_RETRY_MS.map(Number),
      log,
    },
    { host: env.HOST, port: env.PORT },
  );
  log.info({}, 'The webhook dispatcher works');
}

main().catch((error: unknown) => {
  process.stderr.write(`webhook-dispatcher: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
