import { createGateway } from '@millrace/api-v2';
import { loadConfig } from '@millrace/config';
import { createLogger, startTelemetry } from '@millrace/telemetry';
import { environment } from './environment';
import { gatewayParts } from './gateway-parts';
import { openPorts } from './listening';

async function main(): Promise<void> {
  const env = loadConfig(environment);
  startTelemetry({ service: 'api-gateway', ...(env.INSTANCE !== undefined && { instance: env.INSTANCE }) });
  const log = createLogger({ service: 'api-gateway', level: env.LOG_LEVEL, ...(env.INSTANCE !== undefined && { instance: env.INSTANCE }) });
  const app = await createGateway(await gatewayParts(env, log));
  const servers = await openPorts(app, env);
  log.info({ addresses: servers.map((server) => server.address()) }, 'The gateway listens');
}

main().catch((error: unknown) => {
  process.stderr.write(`api-gateway: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
