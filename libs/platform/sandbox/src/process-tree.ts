import { readFileSync, readdirSync } from 'node:fs';

/** One process, told from a later one that got the same number. */
export interface ProcessRef {
  readonly pid: number;
  /** Clock ticks since boot, as /proc prints them. */
  readonly startTime: string;
}

/** Reads a file of /proc; undefined when its process has ended meanwhile. */
function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function stat(pid: number): { state: string; startTime: string } | undefined {
  const text = readProc(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The program's name stands in parentheses and may hold any character, so fields count from the last one: state is 3, start time 22.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0]!, startTime: fields[19]! };
}

/** A reference to a living process; undefined when there is none of that number. */
export function refOf(pid: number): ProcessRef | undefined {
  const found = stat(pid);
  return found && { pid, startTime: found.startTime };
}

/** False once the process has ended, reaped or not. The first process of a pid namespace ends only after all others in it. */
export function isAlive({ pid, startTime }: ProcessRef): boolean {
  const found = stat(pid);
  return found !== undefined && found.startTime === startTime && found.state !== 'Z' && found.state !== 'X';
}

function childrenOf(pid: number): number[] {
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
  return threads.flatMap((thread) => (readProc(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number));
}

/**
 * The processes below `pid`, parents first. The kernel may leave one out while its siblings end; a later call finds it.
 * @param enough stop looking once so many were found: a walk over all of a fork bomb would take as long as the bomb lives.
 */
export function descendants(pid: number, enough = Infinity): number[] {
  const found = childrenOf(pid);
  for (let i = 0; i < found.length && found.length <= enough; i += 1) found.push(...childrenOf(found[i]!));
  return found;
}

/** The command line, as the kernel keeps it: arguments ended by NUL; empty for a process that has ended. */
export function commandLineOf(pid: number): string {
  return readProc(`/proc/${pid}/cmdline`) ?? '';
}

/** The parent's number; undefined for a process that has ended. */
export function parentOf(pid: number): number | undefined {
  const parent = /^PPid:\s+(\d+)/m.exec(readProc(`/proc/${pid}/status`) ?? '')?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** Threads and resident bytes of the given processes together. */
export function usageOf(pids: readonly number[]): { tasks: number; rssBytes: number } {
  let tasks = 0;
  let rssBytes = 0;
  for (const pid of pids) {
    const status = readProc(`/proc/${pid}/status`);
    if (status === undefined) continue;
    tasks += Number(/^Threads:\s+(\d+)/m.exec(status)?.[1] ?? 1);
    rssBytes += Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  }
  return { tasks, rssBytes };
}

/** Sends a signal; false when there was nobody to receive it. A negative number names a process group. */
export function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
