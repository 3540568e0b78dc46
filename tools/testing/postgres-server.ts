import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { Client } from 'pg';
import { postgresUrl, preparePostgres } from '../infra';

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

/** Starts a private Postgres and waits until it answers. Throws with its last log lines when it ends instead. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const port = options.port ?? (await freePort());
  const { program, args, ...how } = preparePostgres({ ...options, port });
  const child = spawn(program, args, { ...how, stdio: ['ignore', 'ignore', 'pipe'], cwd: '/' });
  const tail: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    tail.push(text);
    if (tail.length > 50) tail.shift();
    options.log?.(text.trimEnd());
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = postgresUrl(port, options.password);
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
