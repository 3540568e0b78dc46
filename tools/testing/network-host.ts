import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';

const checkout = path.resolve(__dirname, '../..');

/** Why this machine cannot be divided into hosts; undefined when it can. */
export function cannotMakeHosts(): string | undefined {
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  try {
    execFileSync('unshare', ['--net', '--mount', '--uts', 'true'], { stdio: 'pipe' });
    execFileSync('ip', ['-V'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `no network namespaces here: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`;
  }
}

/**
 * A host of its own on this machine: a network namespace with one cable to us, its own name, and its own view of the file system
 * in which `hidden` is an empty folder.
 */
export class NetworkHost {
  private readonly processes: ChildProcess[] = [];

  private constructor(
    readonly name: string,
    private readonly space: string,
    /** Our end of the cable, as the host sees us. */
    readonly gateway: string,
    private readonly hidden: string,
  ) {}

  static make(name: string, hidden: string): NetworkHost {
    const net = `10.${randomInt(200, 250)}.${randomInt(256)}`;
    const id = randomInt(0x100000, 0xffffff).toString(16);
    const space = `millrace-${id}`;
    ip('netns', 'add', space);
    ip('link', 'add', `mr${id}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space);
    ip('addr', 'add', `${net}.1/30`, 'dev', `mr${id}`);
    ip('link', 'set', `mr${id}`, 'up');
    ip('-n', space, 'addr', 'add', `${net}.2/30`, 'dev', 'eth0');
    ip('-n', space, 'link', 'set', 'eth0', 'up');
    ip('-n', space, 'link', 'set', 'lo', 'up');
    ip('-n', space, 'route', 'add', 'default', 'via', `${net}.1`);
    return new NetworkHost(name, space, `${net}.1`, hidden);
  }

  /** Starts a program of the build there, with no other environment than `env`. */
  start(app: string, env: NodeJS.ProcessEnv, output: (text: string) => void): void {
    const script = 'hostname "$1" && mount -t tmpfs -o mode=0711 tmpfs "$2" && shift 2 && exec "$@"';
    const program = path.join(checkout, 'dist/apps', app, 'src/main.js');
    const args = ['netns', 'exec', this.space, 'unshare', '--mount', '--uts', 'sh', '-c', script, 'sh', this.name, this.hidden, process.execPath, program];
    const child = spawn('ip', args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', output);
    this.processes.push(child);
  }

  /** Names in a folder as its first process sees it. */
  sees(folder: string): string[] {
    return readdirSync(`/proc/${this.processes[0]?.pid}/root${folder}`);
  }

  /** True when a TCP connection from there is accepted. */
  reaches(address: string, port: number): boolean {
    const attempt = `require('node:net').connect(${port}, '${address}').once('connect', () => process.exit(0)).once('error', () => process.exit(1)).setTimeout(3000, () => process.exit(1))`;
    try {
      execFileSync('ip', ['netns', 'exec', this.space, process.execPath, '-e', attempt], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  }

  /** The host burns down: its cable is cut, then everything on it is dead at once. It cannot say goodbye. */
  async destroy(): Promise<void> {
    if (!ip('netns', 'list').includes(this.space)) return;
    ip('-n', this.space, 'link', 'delete', 'eth0');
    for (const pid of ip('netns', 'pids', this.space).split('\n').filter(Boolean)) kill(Number(pid));
    await Promise.all(this.processes.map((child) => (child.exitCode ?? child.signalCode) !== null || new Promise((resolve) => child.once('close', resolve))));
    ip('netns', 'delete', this.space);
  }
}

function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
