import { readdirSync, readFileSync } from 'node:fs';
import { until } from '../up/until';

/** The processes inside the jails of a task: known by what is mounted there, whatever they call themselves. */
export function jailedProcesses(taskId: string): number[] {
  return pids().filter((pid) => read(`/proc/${pid}/mountinfo`).includes(`/${taskId}.`));
}

/** Bound of the promise that an engine is dead after its task was ended from outside, ms (invariant 6). */
const DEAD_WITHIN_MS = 2_000;

/** True when no process is left in the jails of these tasks, in time. */
export const jailsEmpty = (...taskIds: string[]): Promise<boolean> => until(() => taskIds.every((id) => jailedProcesses(id).length === 0), DEAD_WITHIN_MS, { everyMs: 20 });

/** All processes of the machine, but for our own. */
export function pids(): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => pid !== process.pid);
}

/** A file of /proc; empty when its process has just ended. */
export function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EINVAL') return '';
    throw error;
  }
}
