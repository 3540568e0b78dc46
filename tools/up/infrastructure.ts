import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { createCatalog } from '@millrace/catalog';
import { engineGrant } from './engine-versions';
import { WORKER_SERVICES, natsConfig } from '@millrace/event-bus';
import { preparePostgres } from '../infra';
import { natsReady, postgresReady } from './health';
import { ManagedProcess, type Backoff } from './managed-process';
import { TOOL_PATH, type Installation } from './service-env';
import { writePrivate } from './state';

export interface ProcessHooks {
  readonly changed: () => void;
  readonly backoff?: Backoff;
}

const GRACE_MS = 15_000;

/** The one Postgres. SIGINT is its fast shutdown. */
export function postgresProcess({ dataDir, ports, state, postgresUrl }: Installation, hooks: ProcessHooks): ManagedProcess {
  return new ManagedProcess({
    ...hooks,
    name: 'postgres',
    index: 0,
    command: () => ({ ...preparePostgres({ dataDir: dataDir.postgres, port: ports.postgres, password: state.postgresPassword }), cwd: '/' }),
    logFile: path.join(dataDir.logs, 'postgres-0.log'),
    healthy: () => postgresReady(postgresUrl),
    stopSignal: 'SIGINT',
    graceMs: GRACE_MS,
  });
}

/** Text of nats-server's configuration: each service's user, with the engines that its pool hosts. */
function natsConfiguration({ settings, state, dataDir, ports, engineVersions }: Installation): string {
  const catalog = createCatalog({ faultEngine: /^(on|yes|true|1)$/i.test(settings.passed['FAULT_ENGINE'] ?? '') });
  const engines = Object.fromEntries(WORKER_SERVICES.map((pool) => [pool, catalog.enginesOf(pool).map(({ name }) => engineGrant(name, engineVersions))]));
  const region = settings.passed['REGION'];
  return natsConfig({ port: ports.nats, storeDir: dataDir.nats, users: state.natsPasswords, engines, ...(region ? { regions: [region] } : {}) });
}

/** The one nats-server. Its configuration holds passwords and is readable by its owner only. */
export function natsProcess(installation: Installation, hooks: ProcessHooks): ManagedProcess {
  const { dataDir, ports } = installation;
  const file = path.join(dataDir.run, 'nats.conf');
  return new ManagedProcess({
    ...hooks,
    name: 'nats',
    index: 0,
    command: () => {
      mkdirSync(dataDir.nats, { recursive: true, mode: 0o700 });
      writePrivate(file, natsConfiguration(installation));
      return { program: 'nats-server', args: ['-c', file], env: { PATH: TOOL_PATH } };
    },
    logFile: path.join(dataDir.logs, 'nats-0.log'),
    healthy: () => natsReady(ports.nats),
    graceMs: GRACE_MS,
  });
}
