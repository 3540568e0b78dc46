import { readdirSync } from 'node:fs';
import { read } from '../e2e/jails';

export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** Processor time of it and of its children that have ended, ms. */
  readonly cpuMs: number;
}

/** The clock of /proc/<pid>/stat on Linux, ticks a second. */
const TICK_MS = 10;

export function processes(): Process[] {
  const all: Process[] = [];
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const stat = read(`/proc/${name}/stat`);
    const end = stat.lastIndexOf(')');
    if (end < 0) continue;
    const fields = stat.slice(end + 2).split(' ').map(Number);
    all.push({ pid: Number(name), parent: fields[1]!, name: stat.slice(stat.indexOf('(') + 1, end), cpuMs: (fields[11]! + fields[12]! + fields[13]! + fields[14]!) * TICK_MS });
  }
  return all;
}

/** `root` and all below it; `enter` false leaves out a process and what is below it. */
export function treeOf(root: number, all: readonly Process[], enter: (process: Process) => boolean = () => true): Process[] {
  const own = all.filter(({ pid }) => pid === root).filter(enter);
  return own.length === 0 ? [] : [...own, ...all.filter(({ parent }) => parent === root).flatMap(({ pid }) => treeOf(pid, all, enter))];
}
