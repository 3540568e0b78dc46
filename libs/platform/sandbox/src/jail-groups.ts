import { setTimeout as delay } from 'node:timers/promises';
import { ControlGroup } from './control-group';
import type { GroupBases } from './group-bases';
import { descendants, isAlive, type ProcessRef } from './process-tree';

/** What the kernel is to hold a jail to. */
export interface JailBounds {
  /** Processes and threads. It binds root too, which RLIMIT_NPROC does not. */
  readonly processes: number;
  /** Memory of all kinds, files in memory included. */
  readonly memoryBytes: number;
}

/** The control groups around one jail, where there are any: walls of the kernel behind the watcher, which only samples. */
export class JailGroups {
  private constructor(
    private readonly groups: readonly ControlGroup[],
    private readonly memory: { readonly group: ControlGroup; readonly counter: string } | undefined,
  ) {}

  /** Makes the groups of a jail whose program still waits at its gate; all it starts later is born in them. */
  static async around(bases: GroupBases, init: ProcessRef, bounds: JailBounds): Promise<JailGroups> {
    const name = `millrace-${init.pid}-${process.hrtime.bigint()}`;
    const made = new Map<string, ControlGroup>();
    const groupIn = (dir: string): ControlGroup => {
      const group = made.get(dir) ?? ControlGroup.make(dir, name);
      made.set(dir, group);
      return group;
    };
    if (bases.pids) groupIn(bases.pids.dir).set('pids.max', bounds.processes);
    const memory = bases.memory && boundMemory(groupIn(bases.memory.dir), bases.memory.version, bounds.memoryBytes);
    const groups = new JailGroups([...made.values()], memory);
    if (made.size > 0) await groups.#enclose(init);
    return groups;
  }

  async #enclose(init: ProcessRef): Promise<void> {
    this.#add(init.pid);
    // Usually born in the groups already; when not, it is the one process that was there before.
    while (isAlive(init)) {
      const [gate] = descendants(init.pid);
      if (gate !== undefined) return this.#add(gate);
      await delay(1);
    }
  }

  #add(pid: number): void {
    for (const group of this.groups) group.add(pid);
  }

  /** True once the kernel has ended a process of the jail for want of memory. */
  ranOutOfMemory(): boolean {
    return this.memory !== undefined && this.memory.group.count(this.memory.counter, 'oom_kill') > 0;
  }

  async remove(): Promise<void> {
    for (const group of this.groups) await group.remove();
  }
}

function boundMemory(group: ControlGroup, version: 1 | 2, bytes: number): { group: ControlGroup; counter: string } {
  if (version === 2) {
    group.set('memory.max', bytes);
    group.set('memory.swap.max', 0);
    group.set('memory.oom.group', 1);
    return { group, counter: 'memory.events' };
  }
  group.set('memory.limit_in_bytes', bytes);
  // Memory and swap together, so none of it swapped.
  group.set('memory.memsw.limit_in_bytes', bytes);
  return { group, counter: 'memory.oom_control' };
}
