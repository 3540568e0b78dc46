import { loadConfig } from '@millrace/config';
import { startTelemetry } from '@millrace/telemetry';
import { engineEnvironment, enginesOfPool, runWorker, workerSettings } from '@millrace/work-runtime';

async function main(): Promise<void> {
  const env = loadConfig(engineEnvironment);
  startTelemetry({ service: 'engine-office', instance: env.INSTANCE });
  const settings = workerSettings('engine-office', 'document', env);
  const { stateDir, slots, log } = settings;
  await runWorker(settings, await enginesOfPool('document', { sandbox: env.SANDBOX, faultEngine: env.FAULT_ENGINE, only: env.ENGINES, stateDir, slots, log }));
}

main().catch((error: unknown) => {
  process.stderr.write(`engine-office: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
