import { loadConfig } from '@millrace/config';
import { startTelemetry } from '@millrace/telemetry';
import { connectorEnvironment, importers, runWorker, workerSettings } from '@millrace/work-runtime';

async function main(): Promise<void> {
  const env = loadConfig(connectorEnvironment);
  startTelemetry({ service: 'import-service', instance: env.INSTANCE });
  const settings = workerSettings('import-service', 'import', env);
  await runWorker(settings, await importers({ allow: env.SAFE_FETCH_ALLOW, maxImportBytes: env.MAX_IMPORT_BYTES, log: settings.log }));
}

main().catch((error: unknown) => {
  process.stderr.write(`import-service: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
