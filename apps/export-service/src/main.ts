import { loadConfig } from '@millrace/config';
import { startTelemetry } from '@millrace/telemetry';
import { connectorEnvironment, exporters, runWorker, workerSettings } from '@millrace/work-runtime';

async function main(): Promise<void> {
  const env = loadConfig(connectorEnvironment);
  startTelemetry({ service: 'export-service', instance: env.INSTANCE });
  const settings = workerSettings('export-service', 'export', env);
  await runWorker(settings, await exporters({ allow: env.SAFE_FETCH_ALLOW, log: settings.log }));
}

main().catch((error: unknown) => {
  process.stderr.write(`export-service: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
