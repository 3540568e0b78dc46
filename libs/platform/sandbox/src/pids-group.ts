import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { descendants, isAlive, refOf, type ProcessRef } from './process-tree';

const ROOT = '/sys/fs/cgroup';
const RETRY_MS = 5;
const RETRIES = 200;

/** Folders where a group with the pids controller may be made, by what /proc/self/cgroup says; version 1, then 2. */
function candidates(): string[] {
  const found: string[] = [];
  for (const line of readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n')) {
    const [, controllers = '', at = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    // A container may see its own group as the root of the mount, under a path that only the host knows.
    if (controllers.split(',').includes('pids')) found.push(path.join(ROOT, 'pids', at), path.join(ROOT, 'pids'));
    const subtree = path.join(ROOT, at, 'cgroup.subtree_control');
    if (controllers === '' && existsSync(subtree) && readFileSync(subtree, 'utf8').split(/\s+/).includes('pids')) found.push(path.join(ROOT, at));
  }
  return found;
}

/** Removes the groups that a killed process left behind: those named after a jail that is no more. */
function sweep(base: string): void {
  for (const name of readdirSync(base)) {
    const init = /^millrace-(\d+)-\d+$/.exec(name)?.[1];
    const ref = init === undefined ? undefined : refOf(Number(init));
    if (init === undefined || (ref && isAlive(ref))) continue;
    try {
      rmdirSync(path.join(base, name));
    } catch (error) {
      // Another process sweeps too, or the jail is just ending.
      if (!['ENOENT', 'EBUSY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
}

/** A folder in which this process may make groups that bound processes; undefined where it may not (most containers). */
export function pidsController(): string | undefined {
  return candidates().find((base) => {
    try {
      sweep(base);
      rmdirSync(mkdtempSync(path.join(base, 'millrace-probe-')));
      return true;
    } catch (error) {
      if (['EACCES', 'EPERM', 'EROFS', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
      throw error;
    }
  });
}

/** A control group that no more than so many processes and threads fit in. It binds root too, which RLIMIT_NPROC does not. */
export class PidsGroup {
  private constructor(readonly dir: string) {}

  /** Makes a group of a jail whose program still waits at its gate; all it starts later is born in the group. */
  static async around(base: string, init: ProcessRef, max: number): Promise<PidsGroup> {
    const group = new PidsGroup(path.join(base, `millrace-${init.pid}-${process.hrtime.bigint()}`));
    mkdirSync(group.dir);
    writeFileSync(path.join(group.dir, 'pids.max'), String(max));
    group.#add(init.pid);
    // Usually born in the group already; when not, it is the one process that was there before.
    while (isAlive(init)) {
      const [gate] = descendants(init.pid);
      if (gate !== undefined) {
        group.#add(gate);
        break;
      }
      await delay(1);
    }
    return group;
  }

  #add(pid: number): void {
    try {
      writeFileSync(path.join(this.dir, 'cgroup.procs'), String(pid));
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
