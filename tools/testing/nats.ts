import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** A user without limits, for tests that are not about permissions. */
export interface NatsUser {
  readonly user: string;
  readonly password: string;
}

export interface NatsOptions {
  /** Folder for JetStream's files and the configuration; made when missing, never removed here. */
  readonly storeDir: string;
  /** Default: a free one, chosen by the server. Give the first server's port to start it again in its place. */
  readonly port?: number;
  /** Users with every permission; none means that anybody may connect. Ignored with `config`. */
  readonly users?: readonly NatsUser[];
  /** The whole configuration, for example `(at) => natsConfig({ ...at, users })`; `port` is -1 where the server shall choose. */
  readonly config?: (at: { port: number; storeDir: string }) => string;
}

export interface RunningNats {
  /** `nats://127.0.0.1:<port>`, without credentials. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** SIGTERM (after SIGCONT, so that a frozen server stops too), then waits for the end. */
  stop(): Promise<void>;
  /** SIGKILL, then waits for the end. */
  kill(): Promise<void>;
}

function plainConfig({ port, storeDir }: { port: number; storeDir: string }, users: readonly NatsUser[]): string {
  const blocks = users.map(({ user, password }) => `{ user: ${JSON.stringify(user)}, password: ${JSON.stringify(password)} }`);
  const authorization = users.length === 0 ? '' : `authorization { users: [${blocks.join(', ')}] }\n`;
  return `listen: "127.0.0.1:${port}"
ping_interval: "2s"
ping_max: 2
max_payload: 1MB
jetstream { store_dir: ${JSON.stringify(storeDir)} }
${authorization}`;
}

/** Resolves with the port once the server says it is ready; rejects with its log when it ends before. */
function ready(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let log = '';
    child.stderr!.setEncoding('utf8').on('data', (chunk: string) => {
      if (log.includes('Server is ready')) return;
      log += chunk;
      const port = /Listening for client connections on \S+:(\d+)/.exec(log)?.[1];
      if (port !== undefined && log.includes('Server is ready')) resolve(Number(port));
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`nats-server ended with ${code}:\n${log}`)));
  });
}

/**
 * Starts a private nats-server (from PATH; Debian's `nats-server` 2.9.10) with JetStream on loopback, and resolves when it is ready.
 * @throws Error with the server's log when it does not start.
 */
export async function startNats({ storeDir, port = -1, users = [], config = (at) => plainConfig(at, users) }: NatsOptions): Promise<RunningNats> {
  await mkdir(storeDir, { recursive: true });
  const file = path.join(storeDir, `nats-${process.pid}.conf`);
  await writeFile(file, config({ port, storeDir }), { mode: 0o600 });
  const child = spawn('nats-server', ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const dieWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', dieWithUs);
  void ended.then(() => process.removeListener('exit', dieWithUs));
  const bound = await ready(child);
  return {
    url: `nats://127.0.0.1:${bound}`,
    port: bound,
    pid: child.pid!,
    stop: () => {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      return ended;
    },
    kill: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
}
