import { existsSync, mkdtempSync, readFileSync, readdirSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import { isAlive, refOf } from './process-tree';

const ROOT = '/sys/fs/cgroup';
/** Version 1 says "no limit" by a number beyond any memory, rounded to pages. */
const NO_LIMIT = 2 ** 62;

type Controller = 'pids' | 'memory';

/** Where groups of a controller may be made. */
export interface GroupBase {
  readonly dir: string;
  readonly version: 1 | 2;
}

/** By controller; absent where this process may make none (most containers). */
export type GroupBases = Readonly<Partial<Record<Controller, GroupBase>>>;

/** Folders to try, by what /proc/self/cgroup says. */
function candidates(controller: Controller): GroupBase[] {
  const found: GroupBase[] = [];
  for (const line of readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n')) {
    const [, controllers = '', at = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers.split(',').includes(controller)) found.push(...firstVersion(controller, at));
    const subtree = path.join(ROOT, at, 'cgroup.subtree_control');
    if (controllers === '' && existsSync(subtree) && readFileSync(subtree, 'utf8').split(/\s+/).includes(controller)) found.push({ dir: path.join(ROOT, at), version: 2 });
  }
  return found;
}

/**
 * Our own group and the top of the mount; a container may see its own group as the top, under a path that only the host knows. Under a
 * limit of our own jails have to stay in it. Where there is none the top is as good, and a group that a killed process leaves behind is in
 * nobody's way there.
 */
function firstVersion(controller: Controller, at: string): GroupBase[] {
  const [own, top] = [path.join(ROOT, controller, at), path.join(ROOT, controller)];
  const dirs = controller === 'memory' && !isLimited(own) ? [top, own] : [own, top];
  return dirs.map((dir) => ({ dir, version: 1 }));
}

function isLimited(dir: string): boolean {
  const stat = path.join(dir, 'memory.stat');
  if (!existsSync(stat)) return false;
  return Number(/^hierarchical_memory_limit (\d+)$/m.exec(readFileSync(stat, 'latin1'))?.[1] ?? 0) < NO_LIMIT;
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

function isUsable({ dir }: GroupBase): boolean {
  try {
    sweep(dir);
    rmdirSync(mkdtempSync(path.join(dir, 'millrace-probe-')));
    return true;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

/** Where this process may make groups that bound its jails. */
export function groupBases(): GroupBases {
  const [pids, memory] = [candidates('pids').find(isUsable), candidates('memory').find(isUsable)];
  return { ...(pids && { pids }), ...(memory && { memory }) };
}
