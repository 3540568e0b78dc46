import { setTimeout as delay } from 'node:timers/promises';
import { descendants, isAlive, refOf, sendSignal, type ProcessRef } from './process-tree';

const POLL_MS = 5;

/** Ends a tree of processes and knows when none of it is left. */
export interface TreeKiller {
  /** The program's processes; the search ends once there are more than `enough`. */
  members(enough: number): readonly number[];
  /** Asks every process to end. */
  terminate(): void;
  /** Ends every process, now. */
  kill(): void;
  /** Resolves once none is left; kills what outlived the program. */
  gone(): Promise<void>;
}

/**
 * For a tree inside a pid namespace. `init` is the namespace's first process (bwrap's reaper): when it dies the kernel kills all the
 * others, and it has ended only when they have, so none can hide by a double fork or a session of its own.
 */
export function namespaceKiller(init: ProcessRef): TreeKiller {
  const kill = () => void (isAlive(init) && sendSignal(init.pid, 'SIGKILL'));
  return {
    members: (enough) => descendants(init.pid, enough),
    // The reaper itself has no handler and the kernel shields it from SIGTERM; the group of the outer bwrap would die without grace.
    terminate: () => descendants(init.pid).forEach((pid) => sendSignal(pid, 'SIGTERM')),
    kill,
    async gone() {
      kill();
      while (isAlive(init)) await delay(POLL_MS);
    },
  };
}

/** For a tree without a namespace: its process group and what descends from it. A process that leaves both is lost from view. */
export function groupKiller(leader: number): TreeKiller {
  const seen = new Map<number, ProcessRef>();
  const members = (enough?: number) => {
    const pids = [leader, ...descendants(leader, enough)];
    for (const pid of pids) {
      const ref = refOf(pid);
      if (ref) seen.set(pid, ref);
    }
    return pids;
  };
  const all = (signal: NodeJS.Signals) => {
    members();
    sendSignal(-leader, signal);
    for (const ref of seen.values()) if (isAlive(ref)) sendSignal(ref.pid, signal);
  };
  return {
    members,
    terminate: () => all('SIGTERM'),
    kill: () => all('SIGKILL'),
    async gone() {
      all('SIGKILL');
      while ([...seen.values()].some(isAlive)) await delay(POLL_MS);
    },
  };
}
