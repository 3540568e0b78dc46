import path from 'node:path';
import type { RunLimits, RunResult, Sandbox, SandboxProcess } from '@millrace/sandbox';
import type { Installation } from './installation';
import type { WorkFolder } from './work-folder';

/** The driver, which lies beside this file as it does in the build. */
const DRIVER = path.join(__dirname, 'driver');
const JAIL_DRIVER = '/driver';

export const OFFICE_LIMITS: RunLimits = {
  wallMs: Infinity,
  outputBytes: 1024 ** 3,
  outputFiles: 2_000,
  openFiles: 1024,
  // Threads count: a loaded LibreOffice has about 20.
  processes: 128,
  memoryBytes: 1.5 * 1024 ** 3,
  tmpBytes: 256 * 1024 ** 2,
};

/** Who waits for the driver's next line; one that nobody waits for is dropped. */
interface Hearing {
  heard?: ((line: string) => void) | undefined;
}

/** A LibreOffice in a jail of its own and the driver that it is asked through, one request at a time. */
export class OfficeProcess {
  /** Resolves once nothing of it is left. */
  readonly ended: Promise<RunResult>;
  #running = true;

  private constructor(
    private readonly process: SandboxProcess,
    private readonly hearing: Hearing,
  ) {
    this.ended = process.ended.finally(() => (this.#running = false));
    // Told to whoever waits for a line; an idle one has nobody waiting, and that must not end this process.
    this.ended.catch(() => undefined);
  }

  /** Starts it; its first line says that it is ready. */
  static async start(sandbox: Sandbox, { python, program, ro }: Installation, folder: WorkFolder): Promise<OfficeProcess> {
    const jailed = sandbox.mode === 'bwrap';
    const driver = jailed ? JAIL_DRIVER : DRIVER;
    const hearing: Hearing = {};
    const process = await sandbox.start(
      {
        argv: [python, '-E', '-s', '-B', path.posix.join(driver, 'driver.py'), program, folder.seen, jailed ? 'jail' : 'host'],
        env: { HOME: path.posix.join(folder.seen, 'home'), TMPDIR: path.posix.join(folder.seen, 'tmp'), SAL_USE_VCLPLUGIN: 'svp' },
        ro: [...ro, { from: DRIVER, to: driver }],
        rw: [{ from: folder.root, to: folder.seen }],
        limits: OFFICE_LIMITS,
      },
      { onStdoutLine: (line) => hearing.heard?.(line) },
    );
    return new OfficeProcess(process, hearing);
  }

  get running(): boolean {
    return this.#running;
  }

  get residentBytes(): number {
    return this.process.residentBytes;
  }

  /** Resolves with the next line of the driver, or how its process ended before. */
  async line(): Promise<string | RunResult> {
    const line = new Promise<string>((resolve) => (this.hearing.heard = resolve));
    return Promise.race([line, this.ended]).finally(() => (this.hearing.heard = undefined));
  }

  write(line: string): void {
    this.process.stdin.write(`${line}\n`);
  }

  /** Forgets what was written so far. */
  resetOutput(): Promise<void> {
    return this.process.resetOutput();
  }

  /** Lets LibreOffice close its profile and end. */
  async finish(): Promise<RunResult> {
    this.process.stdin.end();
    return this.ended;
  }

  async kill(): Promise<void> {
    this.process.kill();
    await this.ended;
  }
}
