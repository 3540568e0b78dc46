import { readFileSync, readdirSync } from 'node:fs';
import { commandLineOf, descendants, isAlive, parentOf, refOf, sendSignal, type ProcessRef } from './process-tree';

/** No set-up of a jail takes this long, in clock ticks; Linux counts 100 a second in /proc on every architecture. */
const OLD_TICKS = 10 * 100;

/**
 * Ends what bwrap leaves when its parent is killed within the millisecond between its clone and the end of its set-up: the first process of a
 * jail without program, which waits for ever for its dead parent. It is told from a living jail by having neither a bwrap above nor anything below.
 * @param launched how the command line of every jail of this sandbox begins, arguments ended by NUL.
 * @param oldTicks how long it must have waited, in hundredths of a second.
 * @returns how many there were.
 */
export function endStubs(launched: string, oldTicks = OLD_TICKS): number {
  const stubs = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => refOf(Number(name)))
    .filter((ref): ref is ProcessRef => ref !== undefined && isStub(ref, launched, oldTicks));
  return stubs.filter(({ pid }) => endOwn(pid)).length;
}

/** False for another user's, which is that user's to end. */
function endOwn(pid: number): boolean {
  try {
    return sendSignal(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPERM') return false;
    throw error;
  }
}

function isStub(ref: ProcessRef, launched: string, oldTicks: number): boolean {
  if (!isAlive(ref) || !commandLineOf(ref.pid).startsWith(launched)) return false;
  const uptimeTicks = Number.parseFloat(readFileSync('/proc/uptime', 'utf8')) * 100;
  if (uptimeTicks - Number(ref.startTime) < oldTicks) return false;
  const parent = parentOf(ref.pid);
  return parent !== undefined && !commandLineOf(parent).startsWith(launched) && descendants(ref.pid).length === 0;
}
