import { existsSync, readFileSync, rmSync } from 'node:fs';
import { endProcess } from './end-process';
import type { ProcessIdentity } from './process-identity';
import { writePrivate } from './state';
import type { TlsStatus } from './tls';

/** One row: a process that the supervisor started. */
export interface RecordedProcess extends Partial<ProcessIdentity> {
  readonly name: string;
  readonly index: number;
  readonly restarts: number;
  /** HTTP port of a service; Postgres and nats-server have none. */
  readonly healthPort?: number;
}

/** What a running installation is, as `status`, `down` and the next `up` read it. */
export interface RunRecord {
  readonly supervisor: ProcessIdentity;
  readonly baseUrl: string;
  readonly dataDir: string;
  readonly postgres: { readonly url: string; readonly port: number };
  readonly nats: { readonly url: string; readonly port: number; readonly storeDir: string };
  readonly tls?: TlsStatus;
  readonly processes: readonly RecordedProcess[];
}

export const writeRecord = (file: string, record: RunRecord): void => writePrivate(file, JSON.stringify(record, null, 2));

export const readRecord = (file: string): RunRecord | undefined => (existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RunRecord) : undefined);

const GRACE_MS = 10_000;

const identityOf = ({ pid, startTime }: RecordedProcess): ProcessIdentity | undefined => (pid === undefined || startTime === undefined ? undefined : { pid, startTime });

/** Ends what a supervisor that died left running: services first, then NATS, then Postgres. Strangers with a reused pid stay. */
export async function endLeftovers(file: string): Promise<void> {
  const record = readRecord(file);
  if (!record) return;
  const named = (wanted: (name: string) => boolean): ProcessIdentity[] => record.processes.filter(({ name }) => wanted(name)).flatMap((row) => identityOf(row) ?? []);
  await Promise.all(named((name) => name !== 'nats' && name !== 'postgres').map((identity) => endProcess(identity, 'SIGTERM', GRACE_MS)));
  await Promise.all(named((name) => name === 'nats').map((identity) => endProcess(identity, 'SIGTERM', GRACE_MS)));
  await Promise.all(named((name) => name === 'postgres').map((identity) => endProcess(identity, 'SIGINT', GRACE_MS)));
  rmSync(file);
}
