import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const RETRY_MS = 5;
const RETRIES = 200;

/** One control group of the kernel: a folder whose files are its limits and counters. */
export class ControlGroup {
  private constructor(private readonly dir: string) {}

  static make(base: string, name: string): ControlGroup {
    const dir = path.join(base, name);
    mkdirSync(dir);
    return new ControlGroup(dir);
  }

  /** Sets a limit. False when this kernel has no such file. */
  set(file: string, value: number): boolean {
    try {
      // A group's files cannot be created, only opened.
      writeFileSync(path.join(this.dir, file), String(value), { flag: 'r+' });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  /** The number behind `key` in a file of lines `key number`; 0 when it is not told. */
  count(file: string, key: string): number {
    try {
      const line = readFileSync(path.join(this.dir, file), 'latin1').split('\n').find((text) => text.startsWith(`${key} `));
      return line === undefined ? 0 : Number(line.slice(key.length + 1));
    } catch (error) {
      // The group was removed: it counts no more.
      if (['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0;
      throw error;
    }
  }

  /** Moves a process here; what it starts later is born here. */
  add(pid: number): void {
    try {
      writeFileSync(path.join(this.dir, 'cgroup.procs'), String(pid), { flag: 'r+' });
    } catch (error) {
      // It has ended: nothing is left to bound, and its end is told elsewhere.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** Removes the group once its last process is gone; the kernel may see that a moment later than we do. */
  async remove(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        return rmdirSync(this.dir);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // Another process that starts just now has swept it.
        if (code === 'ENOENT') return;
        if (code !== 'EBUSY' || tries === RETRIES) throw error;
      }
      await delay(RETRY_MS);
    }
  }
}
