import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { StackApi } from './stack-api';

/** Answer of `npm run status -- --json`, as its users see it. */
export interface StackStatus {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly dataDir: string;
  readonly services: readonly { readonly name: string; readonly pid: number | null; readonly healthy: boolean; readonly restarts: number }[];
  readonly postgres: { readonly url: string; readonly pid: number | null };
  readonly nats: { readonly url: string; readonly pid: number | null; readonly storeDir: string };
  /** With `tls` only: port and address of the TLS server, file of the authority to trust, host names it serves. */
  readonly tls?: { readonly port: number; readonly host: string; readonly ca: string; readonly names: readonly string[] };
}

export interface StackOptions {
  /** As `--scale`: `all=2`. */
  readonly scale?: string;
  /** Variables of `.env.example` beside those of the stack. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: a new temporary folder, removed by `stop`. One that is named stays. */
  readonly dataDir?: string;
  /** Serves clients with hard-coded hosts too, on a loopback address of its own: port 443 where that can be bound, else 8443. See `at.tls`. */
  readonly tls?: boolean;
}

/** The compiled form lies one folder deeper, in dist. */
const checkout = path.resolve(__dirname, __filename.endsWith('.ts') ? '../..' : '../../..');
const UP = path.join(checkout, 'tools/up/up.cjs');

/** Short clocks, so that a lost run is found in seconds; slots for many short runs. */
const CLOCKS = { FAULT_ENGINE: 'on', LOG_LEVEL: 'info', LEASE: '8s', BEAT: '2s', SETTLE: '3s', SLOTS: '4' };

const READY_MS = 90_000;
const STOP_MS = 90_000;
/** Blocks of ports below those that the kernel gives to connections. */
const PORTS = { first: 12_000, size: 64, blocks: 300, tries: 8 };

interface RecordedProcess {
  readonly name: string;
  readonly index: number;
  readonly pid?: number;
}

interface Supervisor {
  readonly child: ChildProcess;
  readonly output: () => string;
}

/** All of Millrace as `npm run up` runs it: the supervisor, Postgres, nats-server and the services, in a data folder of its own. */
export class Stack {
  readonly api: StackApi;
  private readonly frozen = new Set<number>();

  constructor(
    readonly dataDir: string,
    /** As it was after the start: URLs, key and folders stay, pids do not. */
    readonly at: StackStatus,
    private readonly supervisor: Supervisor,
    private readonly env: NodeJS.ProcessEnv,
    private readonly removable: boolean,
  ) {
    this.api = new StackApi(this.gateways, at.apiKey);
  }

  get baseUrl(): string {
    return this.at.baseUrl;
  }

  get apiKey(): string {
    return this.at.apiKey;
  }

  /** One address per gateway; they listen on neighbouring ports. */
  get gateways(): string[] {
    const first = new URL(this.at.baseUrl);
    const count = this.at.services.filter(({ name }) => name === 'api-gateway').length;
    return Array.from({ length: count }, (_, index) => `http://${first.hostname}:${Number(first.port) + index}`);
  }

  status(): Promise<StackStatus> {
    return statusOf(this.dataDir);
  }

  /** The present pid of a process, from the record of the supervisor; undefined while it is down. */
  pidOf(service: string, index = 0): number | undefined {
    return this.record().find((row) => row.name === service && row.index === index)?.pid;
  }

  /** Sends a signal to a process of a service, to `postgres` or to `nats`. Answers its pid, or undefined when it is down. */
  kill(service: string, index = 0, signal: NodeJS.Signals = 'SIGKILL'): number | undefined {
    const pid = this.pidOf(service, index);
    if (pid === undefined || !send(pid, signal)) return undefined;
    if (signal === 'SIGSTOP') this.frozen.add(pid);
    if (signal === 'SIGCONT') this.frozen.delete(pid);
    return pid;
  }

  /** What dies during `work` stays dead: the supervisor is frozen. */
  async withoutRestarts<T>(work: () => Promise<T>): Promise<T> {
    const pid = this.supervisor.child.pid!;
    send(pid, 'SIGSTOP');
    try {
      return await work();
    } finally {
      send(pid, 'SIGCONT');
    }
  }

  /** Resolves when every process is healthy. @throws Error with the last status when one stays ill. */
  async healthy(withinMs = 60_000): Promise<StackStatus> {
    const until = Date.now() + withinMs;
    for (;;) {
      const status = await this.status();
      if (status.services.every(({ healthy }) => healthy) && status.postgres.pid !== null && status.nats.pid !== null) return status;
      if (Date.now() > until) throw new Error(`not healthy again within ${withinMs} ms: ${JSON.stringify(status)}`);
      await pause(250);
    }
  }

  /** `npm run projections:check` with the settings of this stack: its exit code and what it wrote. */
  async checkProjections(): Promise<{ code: number; output: string }> {
    const { child, output } = runUp(['projections', 'check'], { ...this.env, DATABASE_URL: this.at.postgres.url });
    const code = await new Promise<number>((resolve) => child.once('close', (ended) => resolve(ended ?? 1)));
    return { code, output: output() };
  }

  /** The password of a NATS user of this stack, such as `consumer`. */
  natsPassword(user: string): string {
    const { natsPasswords } = JSON.parse(readFileSync(path.join(this.dataDir, 'state.json'), 'utf8')) as { natsPasswords: Record<string, string> };
    const password = natsPasswords[user];
    if (password === undefined) throw new Error(`there is no NATS user ${user}`);
    return password;
  }

  /** The log of a process, to be shown when a test fails. */
  logOf(service: string, index = 0): string {
    return readFileSync(path.join(this.dataDir, 'logs', `${service}-${index}.log`), 'utf8');
  }

  /** What the supervisor has said. */
  get output(): string {
    return this.supervisor.output();
  }

  /** Stops all and removes the data folder, unless it was named. @throws Error when the supervisor does not end. */
  async stop(): Promise<void> {
    for (const pid of this.frozen) send(pid, 'SIGCONT');
    await endSupervisor(this.supervisor.child);
    if (this.removable) rmSync(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
  }

  private record(): readonly RecordedProcess[] {
    return (JSON.parse(readFileSync(path.join(this.dataDir, 'run/processes.json'), 'utf8')) as { processes: RecordedProcess[] }).processes;
  }
}

/** Starts all of it on free ports. @throws Error with what the supervisor said when it does not become ready. */
export async function startStack({ scale, env = {}, dataDir, tls = false }: StackOptions = {}): Promise<Stack> {
  const folder = dataDir ?? mkdtempSync(path.join(tmpdir(), 'millrace-stack-'));
  if (dataDir === undefined) chmodSync(folder, 0o711);
  const whole = { ...process.env, ...CLOCKS, ...env };
  try {
    const supervisor = await ready(folder, whole, [...(scale === undefined ? [] : ['--scale', scale]), ...(tls ? ['--tls', '--tls-host', ownLoopback()] : [])]);
    return new Stack(folder, await statusOf(folder), supervisor, whole, dataDir === undefined);
  } catch (error) {
    if (dataDir === undefined) rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Addresses of 127/8 need no set-up on Linux; one that is drawn is free. */
const ownLoopback = (): string => `127.77.${randomInt(256)}.${randomInt(1, 255)}`;

/** Another stack that starts at the same time may take a port of the block between its choice and its use. */
async function ready(folder: string, env: NodeJS.ProcessEnv, args: readonly string[]): Promise<Supervisor> {
  for (let tries = 1; ; tries += 1) {
    const port = PORTS.first + randomInt(PORTS.blocks) * PORTS.size;
    const supervisor = runUp(['up', '--no-sample', '--data-dir', folder, '--port', String(port), ...args], env);
    try {
      await becomesReady(supervisor);
      return supervisor;
    } catch (error) {
      await endSupervisor(supervisor.child);
      if (tries === PORTS.tries || !/ is taken\./.test(supervisor.output())) throw error;
    }
  }
}

function runUp(args: readonly string[], env: NodeJS.ProcessEnv): Supervisor {
  const child = spawn(process.execPath, [UP, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return { child, output: () => output };
}

async function becomesReady({ child, output }: Supervisor): Promise<void> {
  const until = Date.now() + READY_MS;
  while (!output().includes('Millrace is ready')) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > until) throw new Error(`the stack did not start:\n${output()}`);
    await pause(50);
  }
}

async function endSupervisor(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<boolean>((resolve) => child.once('exit', () => resolve(true)));
  child.kill('SIGTERM');
  const timer = new AbortController();
  const late = pause(STOP_MS, false, { signal: timer.signal }).catch(() => false);
  if (!(await Promise.race([ended, late]))) throw new Error('the supervisor does not end');
  timer.abort();
}

async function statusOf(dataDir: string): Promise<StackStatus> {
  const { child, output } = runUp(['status', '--json', '--data-dir', dataDir], process.env);
  await new Promise((resolve) => child.once('close', resolve));
  return JSON.parse(output().slice(output().indexOf('{'))) as StackStatus;
}

/** False when there is no such process any more. */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    return false;
  }
}
