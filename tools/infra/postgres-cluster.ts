import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { postgresPrograms } from './postgres-programs';
import { asPostgresUser } from './unprivileged';

export interface ClusterOptions {
  /** Filled by initdb when it is empty or missing. Owned by uid 65534 when we are root. */
  readonly dataDir: string;
  readonly port: number;
  /** Of the superuser `postgres`; only used by the first start. */
  readonly password: string;
  /** Off only in tests: a crash may then lose what was committed. Default on. */
  readonly fsync?: boolean;
}

/** How to start the server of a cluster: what `spawn` takes. */
export interface PostgresCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
}

const owned = (file: string): void => {
  if (asPostgresUser.uid !== undefined) chownSync(file, asPostgresUser.uid, asPostgresUser.uid);
};

function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  owned(folder);
}

/** initdb into a folder beside, renamed when it is complete, so that one that was broken off is begun anew. */
function initialise(programs: string, env: NodeJS.ProcessEnv, dataDir: string, password: string): void {
  const half = `${dataDir}.new`;
  const passwordFile = `${dataDir}.password`;
  rmSync(half, { recursive: true, force: true });
  makeFolder(half);
  writeFileSync(passwordFile, password, { mode: 0o600 });
  try {
    owned(passwordFile);
    const args = ['-D', half, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--locale=C', '--no-sync'];
    execFileSync(path.join(programs, 'bin/initdb'), args, { ...asPostgresUser, env, stdio: 'pipe', cwd: '/' });
    rmSync(dataDir, { recursive: true, force: true });
    renameSync(half, dataDir);
  } finally {
    rmSync(passwordFile);
  }
}

/**
 * Postgres refuses to start while the pid in a lock file that a crash left is alive, though it may be a stranger's by now (pids come
 * again soon in a container). The lock of a process that does not serve this folder is removed.
 */
function dropStaleLock(dataDir: string): void {
  const lock = path.join(dataDir, 'postmaster.pid');
  if (!existsSync(lock)) return;
  const commandLine = `/proc/${parseInt(readFileSync(lock, 'utf8'), 10)}/cmdline`;
  if (existsSync(commandLine) && readFileSync(commandLine, 'utf8').includes(dataDir)) return;
  rmSync(lock);
}

/**
 * Makes the cluster when there is none and answers how to start its server on 127.0.0.1.
 * @throws Error with initdb's words when the cluster cannot be made.
 */
export function preparePostgres({ dataDir, port, password, fsync = true }: ClusterOptions): PostgresCommand {
  const programs = postgresPrograms(path.dirname(dataDir));
  const env = { PATH: process.env['PATH'], LC_ALL: 'C', LD_LIBRARY_PATH: path.join(programs, 'lib'), TZ: 'UTC' };
  if (!existsSync(path.join(dataDir, 'PG_VERSION'))) initialise(programs, env, dataDir, password);
  dropStaleLock(dataDir);
  const durable = fsync ? 'on' : 'off';
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '', max_connections: 200, fsync: durable, synchronous_commit: durable };
  const args = ['-D', dataDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  return { program: path.join(programs, 'bin/postgres'), args, env, ...asPostgresUser };
}

/** Superuser URL of a cluster on this machine. */
export const postgresUrl = (port: number, password: string): string => `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
