import { httpReady, natsReady, postgresReady } from './health';
import { isAlive } from './process-identity';
import type { RecordedProcess, RunRecord } from './process-record';
import type { State } from './state';
import type { TlsStatus } from './tls';

/** The answer of `npm run status -- --json`. */
export interface Status {
  /** Without `/v2`. */
  readonly baseUrl: string;
  readonly apiKey: string | null;
  readonly dataDir: string;
  /** One row per process. */
  readonly services: readonly { readonly name: string; readonly pid: number | null; readonly healthy: boolean; readonly restarts: number }[];
  readonly postgres: { readonly url: string; readonly pid: number | null };
  readonly nats: { readonly url: string; readonly pid: number | null; readonly storeDir: string };
  /** With `--tls` only. */
  readonly tls?: TlsStatus;
}

const pidOf = ({ pid, startTime }: RecordedProcess): number | null => (pid !== undefined && startTime !== undefined && isAlive({ pid, startTime }) ? pid : null);

/** What runs at this moment: pids are looked up and each service is asked, whatever the record says. */
export async function statusOf(record: RunRecord, state: State): Promise<Status> {
  const infrastructure = (name: string): number | null => record.processes.filter((row) => row.name === name).map(pidOf)[0] ?? null;
  const rows = record.processes.filter(({ name }) => name !== 'postgres' && name !== 'nats');
  const services = await Promise.all(
    rows.map(async (row) => {
      const pid = pidOf(row);
      return { name: row.name, pid, healthy: pid !== null && (await httpReady(row.healthPort!)), restarts: row.restarts };
    }),
  );
  // A reader of the status stands in for whoever supervises the server, so that it is given that user's words.
  const nats = record.nats.url.replace('nats://', `nats://admin:${state.natsPasswords.admin}@`);
  return {
    baseUrl: record.baseUrl,
    apiKey: state.apiKey ?? null,
    dataDir: record.dataDir,
    services,
    postgres: { url: record.postgres.url, pid: infrastructure('postgres') },
    nats: { url: nats, pid: infrastructure('nats'), storeDir: record.nats.storeDir },
    ...(record.tls && { tls: record.tls }),
  };
}

/** The same for people, without passwords. */
export async function statusTable(record: RunRecord, state: State): Promise<string> {
  const { services, postgres, nats, baseUrl, apiKey, dataDir, tls } = await statusOf(record, state);
  const restarts = (name: string): number => record.processes.find((row) => row.name === name)?.restarts ?? 0;
  const rows = [
    { name: 'postgres', pid: postgres.pid, healthy: await postgresReady(record.postgres.url), restarts: restarts('postgres') },
    { name: 'nats', pid: nats.pid, healthy: await natsReady(record.nats.port), restarts: restarts('nats') },
    ...services,
  ];
  const line = (name: string, pid: string, healthy: string, count: string): string => `${name.padEnd(22)}${pid.padEnd(10)}${healthy.padEnd(10)}${count}`;
  return [
    `${baseUrl}/v2  key ${apiKey ?? 'none'}`,
    `data in ${dataDir}`,
    ...(tls ? [`TLS on ${tls.host}:${tls.port} for ${tls.names.join(', ')}`, `trust ${tls.ca}`] : []),
    '',
    line('process', 'pid', 'healthy', 'restarts'),
    ...rows.map(({ name, pid, healthy, restarts: count }) => line(name, String(pid ?? '-'), healthy ? 'yes' : 'no', String(count))),
  ].join('\n');
}
