import { readFileSync, readdirSync } from 'node:fs';

/** One process for good: a pid comes again, a pid with its start time does not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot, field 22 of /proc/<pid>/stat. */
  readonly startTime: string;
}

interface Stat {
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly startTime: string;
}

/** /proc/<pid>/stat, or undefined when there is no such process. The command may hold spaces and parentheses. */
function stat(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0]!, parent: Number(fields[1]), group: Number(fields[2]), startTime: fields[19]! };
}

/** The identity of a running process, or undefined. */
export function identify(pid: number): ProcessIdentity | undefined {
  const startTime = stat(pid)?.startTime;
  return startTime === undefined ? undefined : { pid, startTime };
}

/** Whether that very process runs; one that has ended and waits for its parent's attention does not. */
export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  const now = stat(pid);
  return now !== undefined && now.startTime === startTime && now.state !== 'Z' && now.state !== 'X';
}

/** The nearest ancestor of this process, at most `steps` up, whose command line matches. */
export function ancestorNamed(pattern: RegExp, steps: number): ProcessIdentity | undefined {
  let pid = process.ppid;
  for (let step = 0; step < steps && pid > 1; step += 1) {
    const identity = identify(pid);
    if (!identity) return undefined;
    if (pattern.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))) return identity;
    pid = stat(pid)?.parent ?? 0;
  }
  return undefined;
}

/** Everything that descends from `pid` or is in its process group, without itself. */
export function familyOf(pid: number): ProcessIdentity[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
  const stats = new Map(all.map((each) => [each, stat(each)] as const));
  const family = new Set<number>([pid]);
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const [each, found] of stats) if (found && (family.has(found.parent) || found.group === pid)) family.add(each);
  }
  family.delete(pid);
  return [...family].flatMap((each) => {
    const startTime = stats.get(each)?.startTime;
    return startTime === undefined ? [] : [{ pid: each, startTime }];
  });
}

/** Signals a process (a negative pid: its group); false when it is gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
