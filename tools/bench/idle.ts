import { setTimeout as pause } from 'node:timers/promises';
import { read } from '../e2e/jails';
import type { Stack } from '../testing/stack';
import { figure, type Figure } from './figure';
import { processes, treeOf } from './proc';

const SETTLE_MS = 5_000;
/** A jailed program: of an idle stack, a warm office. */
const isJail = (name: string): boolean => name === 'bwrap' || name === 'soffice.bin';

/** Proportional set size of the supervisor and all below it, in GB (10^9); a page that several share counts once. */
export async function memory(stack: Stack, note: (text: string) => void): Promise<Figure> {
  await pause(SETTLE_MS);
  const all = processes();
  const supervisor = all.find(({ pid }) => pid === stack.pidOf('api-gateway'))!.parent;
  const kept = treeOf(supervisor, all, ({ name }) => !isJail(name)).map((process) => ({ ...process, bytes: pssOf(process.pid) }));
  note(`memory (Pss), MB:\n${kept.toSorted((a, b) => b.bytes - a.bytes).slice(0, 12).map(({ pid, name, bytes }) => `  ${commandOf(pid, name).padEnd(40)} ${(bytes / 1e6).toFixed(0)}`).join('\n')}`);
  return figure('idle memory, no warm office', kept.reduce((sum, { bytes }) => sum + bytes, 0) / 1e9, 'GB', '<= 1.0 GB', (value) => value <= 1);
}

function pssOf(pid: number): number {
  const found = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`));
  return found ? Number(found[1]) * 1024 : 0;
}

const commandOf = (pid: number, name: string): string => /apps\/([a-z-]+)/.exec(read(`/proc/${pid}/cmdline`))?.[1] ?? name;
