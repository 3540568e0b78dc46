import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { endProcess } from './end-process';
import { identify, signal, type ProcessIdentity } from './process-identity';

/** How to start a process. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
}

export interface ManagedOptions {
  /** Of the service, and which of its processes: "api-gateway" 0 and 1. */
  readonly name: string;
  readonly index: number;
  /** Asked before each start, so that it can prepare folders and configuration. */
  readonly command: () => Command;
  readonly logFile: string;
  readonly healthy: () => Promise<boolean>;
  readonly stopSignal?: NodeJS.Signals;
  /** How long it may take to stop, ms. */
  readonly graceMs?: number;
  /** Told when its pid or its restart count changes. */
  readonly changed?: () => void;
  readonly backoff?: Backoff;
}

export interface Backoff {
  /** Wait before the first restart, ms; each next one in a row waits twice as long, up to `maxMs`. */
  readonly firstMs: number;
  readonly maxMs: number;
  /** A process that ran this long counts as sound again: its next restart is a first one. */
  readonly soundMs: number;
}

const BACKOFF: Backoff = { firstMs: 200, maxMs: 10_000, soundMs: 10_000 };

/** A process that is started again, with growing waits, whenever it ends without having been told to. */
export class ManagedProcess {
  readonly name: string;
  readonly index: number;
  readonly logFile: string;
  restarts = 0;
  /** Ends in a row, none of which came after a sound run. */
  failures = 0;
  identity: ProcessIdentity | undefined;
  private child: ChildProcess | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopping = false;

  constructor(private readonly options: ManagedOptions) {
    ({ name: this.name, index: this.index, logFile: this.logFile } = options);
  }

  get pid(): number | undefined {
    return this.identity?.pid;
  }

  healthy(): Promise<boolean> {
    return this.identity ? this.options.healthy() : Promise.resolve(false);
  }

  start(): void {
    const log = openSync(this.logFile, 'a', 0o600);
    let child: ChildProcess;
    try {
      const { program, args, ...how } = this.options.command();
      // A process group of its own: Ctrl-C in the terminal reaches only the supervisor, which then stops all in order.
      child = spawn(program, args, { ...how, detached: true, stdio: ['ignore', log, log] });
    } catch (error) {
      this.ended(undefined, Date.now(), String(error));
      return;
    } finally {
      closeSync(log);
    }
    const started = Date.now();
    this.child = child;
    this.identity = child.pid === undefined ? undefined : identify(child.pid);
    child.once('error', (error) => this.ended(child, started, String(error)));
    child.once('exit', (code, name) => this.ended(child, started, `ended with ${name ?? code}`));
    this.options.changed?.();
  }

  /** Ends the present process so that a new one takes its place. */
  async restart(): Promise<void> {
    if (this.identity) await endProcess(this.identity, this.options.stopSignal ?? 'SIGTERM', this.options.graceMs ?? 20_000);
  }

  /** Ends it for good, with everything that it started. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    await this.restart();
  }

  private ended(child: ChildProcess | undefined, started: number, how: string): void {
    if (child !== this.child) return;
    if (child?.pid !== undefined) signal(-child.pid, 'SIGKILL');
    this.child = undefined;
    this.identity = undefined;
    if (!this.stopping) this.scheduleRestart(started, how);
    this.options.changed?.();
  }

  private scheduleRestart(started: number, how: string): void {
    const { firstMs, maxMs, soundMs } = this.options.backoff ?? BACKOFF;
    if (Date.now() - started >= soundMs) this.failures = 0;
    const waitMs = Math.min(maxMs, firstMs * 2 ** this.failures);
    this.failures += 1;
    console.error(`${new Date().toISOString()} ${this.name}-${this.index} ${how}; starting it again in ${waitMs} ms`);
    this.timer = setTimeout(() => {
      this.restarts += 1;
      this.start();
    }, waitMs);
  }
}
