import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { GroupBases } from './group-bases';
import { inheritedFds } from './inherited-fds';

/** A command line, and what its file descriptors are fed. */
export interface Launch {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** By descriptor. */
  readonly feeds: ReadonlyMap<number, string | Uint8Array>;
  /** True keeps its standard input open, to be written to while it runs. */
  readonly stdinOpen?: boolean;
  /** What only a launch in a jail has. */
  readonly jail?: {
    /** The descriptor on which bwrap reports. */
    readonly statusFd: number;
    /** The descriptor on which the program waits for a line before it starts. */
    readonly gateFd: number;
    /** Where control groups may be made. */
    readonly groups: GroupBases;
  };
}

/** Starts `launch` in a process group of its own. Errors of starting and of feeding go to `onError`. */
export function start({ argv, env, cwd, feeds, stdinOpen, jail }: Launch, onError: (error: Error) => void): ChildProcess {
  const inherited = inheritedFds();
  const nowhere = openSync('/dev/null', 'r');
  const piped = new Set([1, 2, ...(stdinOpen ? [0] : []), ...feeds.keys(), ...(jail ? [jail.statusFd, jail.gateFd] : [])]);
  const last = Math.max(...piped, ...inherited);
  const stdio = Array.from({ length: last + 1 }, (_, fd) => {
    if (piped.has(fd)) return 'pipe' as const;
    // 'ignore' leaves a descriptor above 2 as it is.
    return fd === 0 || inherited.includes(fd) ? nowhere : ('ignore' as const);
  });
  const child = spawn(argv[0]!, argv.slice(1), { env: { ...env }, cwd, stdio, detached: true, shell: false });
  closeSync(nowhere);
  child.on('error', onError);
  if (stdinOpen) tolerateEnd(child.stdin, onError);
  for (const [fd, bytes] of feeds) feed(child, fd, bytes, onError);
  return child;
}

/** Writes `bytes` to a descriptor of `child` and closes it. */
export function feed(child: ChildProcess, fd: number, bytes: string | Uint8Array, onError: (error: Error) => void): void {
  const into = child.stdio[fd] as Writable | null;
  tolerateEnd(into, onError);
  into?.end(bytes);
}

/** A program may end, or close its input, before it has read everything: that is its right, and its exit code tells. */
function tolerateEnd(into: Writable | null, onError: (error: Error) => void): void {
  into?.on('error', (error: NodeJS.ErrnoException) => {
    if (!['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'].includes(error.code ?? '')) onError(error);
  });
}
