import type { Writable } from 'node:stream';

/** A folder or file of the host shown inside the jail. */
export interface Bind {
  /** Absolute path on the host; it must exist. */
  readonly from: string;
  /** Absolute path inside the jail; `from` itself by default. With mode `off` there is no other view, so it must equal `from`. */
  readonly to?: string;
}

/** What a run may use up. Each is checked for the whole tree of processes. */
export interface RunLimits {
  /** Wall clock, in milliseconds; Infinity for a long-lived program. */
  readonly wallMs: number;
  /** Processor time of any one process, in seconds (RLIMIT_CPU). */
  readonly cpuS?: number;
  /** Bytes one file may hold (RLIMIT_FSIZE), and bytes all `rw` folders together may grow by (watched). */
  readonly outputBytes: number;
  /** Files and folders all `rw` folders together may gain; 10,000 by default. */
  readonly outputFiles?: number;
  /** Open files of any one process (RLIMIT_NOFILE). */
  readonly openFiles: number;
  /** Processes and threads, all together. */
  readonly processes: number;
  /**
   * Resident bytes, all together. Sampled, so a burst may pass it for one sampling interval; where control groups can be made the kernel
   * stops it at once, at this and what the private /tmp and /dev/shm may hold.
   */
  readonly memoryBytes: number;
  /** Bytes the private /tmp and /dev/shm may hold each, in memory; 64 MiB by default. */
  readonly tmpBytes?: number;
}

/** A program to run, and all it may see. */
export interface RunSpec {
  /** Program and arguments; never read by a shell, visible in process lists: no secrets. */
  readonly argv: readonly string[];
  /** Inside the jail; /tmp by default. */
  readonly cwd?: string;
  readonly ro: readonly Bind[];
  readonly rw: readonly Bind[];
  /** Added to PATH, HOME, TMPDIR and LANG; nothing of this process's own environment passes. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  /** Secrets: the program reads these bytes from file descriptor 3. */
  readonly secretsFd?: string | Uint8Array;
  readonly limits: RunLimits;
}

/** A long-lived program; its standard input stays open instead of being given. */
export type LongRunSpec = Omit<RunSpec, 'stdin'>;

export interface RunOptions {
  /** Stops the run: SIGTERM to its tree, SIGKILL after the grace. */
  readonly signal?: AbortSignal;
  /** Called with each line the program prints, without its end; a longer line than 64 KiB comes in pieces. */
  readonly onStdoutLine?: (line: string) => void;
  /** Milliseconds between SIGTERM and SIGKILL; 500 by default. */
  readonly graceMs?: number;
}

/** The limit that ended a run. */
export type ExceededLimit = 'time' | 'memory' | 'output' | 'cpu' | 'processes';

export interface RunResult {
  /** Null when a signal ended the program. */
  readonly exitCode: number | null;
  /** The signal that ended the program; a shell that reports its child's signal as 128 + n counts as ended by it. */
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly limit?: ExceededLimit;
  /** The last 64 KiB printed. */
  readonly stdout: string;
  /** The last 64 KiB printed. */
  readonly stderr: string;
  readonly wallMs: number;
  /** The highest sampled sum of resident bytes; 0 for a run shorter than a sample. */
  readonly maxRssBytes: number;
}

/** A program that goes on running, spoken to over its stdin and stdout. */
export interface SandboxProcess {
  /** Its standard input. What is written once the program has ended is dropped; `ended` tells. */
  readonly stdin: Writable;
  /** Resident bytes of its whole tree at the last sample; 0 before the first. */
  readonly residentBytes: number;
  /** Ends its whole tree, now and without grace; `ended` resolves with no limit. */
  kill(): void;
  /** Counts output from here on: what lies in its `rw` folders now is forgotten. */
  resetOutput(): Promise<void>;
  /** Resolves once its whole tree is gone, however it ended. Rejects as `run` does. */
  readonly ended: Promise<RunResult>;
}

/** Runs programs under limits. */
export interface Sandbox {
  readonly mode: 'bwrap' | 'off';
  /**
   * Runs one program and resolves once its whole tree is gone, however it ended; an aborted run resolves too.
   * @throws Failure ENGINE_UNAVAILABLE when the jail itself could not be set up.
   */
  run(spec: RunSpec, options?: RunOptions): Promise<RunResult>;
  /**
   * Starts a program that goes on running, behind the same walls and limits; output is limited between two calls of `resetOutput`.
   * It never outlives this process. The caller handles `ended`, which also rejects when the jail could not be set up.
   */
  start(spec: LongRunSpec, options?: RunOptions): Promise<SandboxProcess>;
}
