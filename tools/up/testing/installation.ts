import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Status } from '../status';
import { until } from '../until';

const checkout = path.resolve(__dirname, '../../..');
const entry = path.join(__dirname, 'fake-service.cjs');

/** Two gateways and a worker, that is one of each kind. */
const services = [
  { name: 'api-gateway', count: 2, natsUser: 'gateway', database: true, masterKey: true, signing: true, gateway: true, entry },
  { name: 'engine-ffmpeg', count: 1, natsUser: 'media', entry },
];

export interface Finished {
  readonly code: number | null;
  readonly output: string;
}

/** A data folder of a test, and the commands over it, with fake services but real Postgres, nats-server and supervisor. */
export class TestInstallation {
  readonly folder: string;
  readonly dataDir: string;
  private readonly started: ChildProcess[] = [];

  constructor() {
    this.folder = mkdtempSync(path.join(tmpdir(), 'millrace-up-'));
    chmodSync(this.folder, 0o755);
    this.dataDir = path.join(this.folder, 'data');
  }

  /** Starts a command of `up.cjs`; its output is gathered. */
  start(args: readonly string[], variables: Readonly<Record<string, string>> = {}): { child: ChildProcess; output: () => string; finished: Promise<Finished> } {
    const env = { ...process.env, MILLRACE_TEST_SERVICES: JSON.stringify(services), ...variables };
    const child = spawn(process.execPath, [path.join(checkout, 'tools/up/up.cjs'), ...args, '--data-dir', this.dataDir], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.started.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const finished = new Promise<Finished>((resolve) => child.once('close', (code) => resolve({ code, output })));
    return { child, output: () => output, finished };
  }

  run(args: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<Finished> {
    return this.start(args, variables).finished;
  }

  async status(): Promise<Status> {
    const { output } = await this.run(['status', '--json']);
    return JSON.parse(output.slice(output.indexOf('{'))) as Status;
  }

  /** Resolves with the first status that `wanted` accepts. */
  async statusWhen(wanted: (status: Status) => boolean): Promise<Status> {
    let last: Status | undefined;
    const came = await until(async () => wanted((last = await this.status())), 20_000, { everyMs: 100 });
    if (!came) throw new Error(`the status stayed ${JSON.stringify(last)}`);
    return last!;
  }

  /** Everything that runs with this data folder on its command line, in its environment or as its folder. */
  processes(): string[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .filter((pid) => ['cmdline', 'environ'].some((file) => read(`/proc/${pid}/${file}`).includes(this.dataDir)))
      .map((pid) => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' '));
  }

  async remove(): Promise<void> {
    await this.run(['down']);
    for (const child of this.started) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Of a process that may have just ended: empty then. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
