import type {
  BeatAnswer,
  BeatRequest,
  ClaimAnswer,
  ClaimInput,
  ClaimRequest,
  FileRef,
  Invitation,
  Lane,
  PoolAnnouncement,
  ReportAnswer,
  ReportRequest,
} from '@millrace/contracts';
import type { LocalOutput } from '@millrace/engine-kit';
import type { Readable } from 'node:stream';

/** Time and waiting; the simulation brings its own. */
export interface Clock {
  /** Ms. */
  now(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** An invitation in hand, until it is settled. */
export interface Pulled {
  readonly invitation: Invitation;
  ack(): Promise<void>;
  nak(delayMs: number): Promise<void>;
  /** Asks for more time before the invitation goes to somebody else. */
  working(): Promise<void>;
}

/** What a worker needs of the bus. Requests reject when they are not answered within about a second. */
export interface WorkBus {
  readonly connected: boolean;
  /** Up to `batch` invitations of a lane; none after `expiresMs`, or while the lane has no consumer. */
  pull(lane: Lane, batch: number, expiresMs: number, signal: AbortSignal): Promise<Pulled[]>;
  claim(engine: string, request: ClaimRequest): Promise<ClaimAnswer>;
  beat(request: BeatRequest): Promise<BeatAnswer>;
  report(request: ReportRequest): Promise<ReportAnswer>;
  announce(pool: PoolAnnouncement): void;
  /** Calls back when the run is to stop; a hint, the beat is the guarantee. */
  onStop(run: string, stop: () => void): () => void;
}

/** The folders of one run. */
export interface RunFolders {
  readonly inDir: string;
  readonly outDir: string;
  readonly scratchDir: string;
}

/** Bytes in and out of one run. */
export interface RunFiles {
  open(task: string, run: string): Promise<RunFolders>;
  /** Puts an input on disk, alone in its folder; answers its path. */
  fetch(input: ClaimInput, index: number, folders: RunFolders): Promise<string>;
  /** Checks that an output is there, not empty, and of the promised type; then stores it. Throws ENGINE_CRASHED when it is not. */
  store(task: string, run: string, output: LocalOutput, index: number): Promise<FileRef>;
  /** Stores a stream; nothing is left of one that breaks. */
  put(task: string, run: string, filename: string, source: Readable, index: number, options: { maxBytes?: number; signal: AbortSignal }): Promise<FileRef>;
  readList(key: string): Promise<unknown>;
  writeList(key: string, list: unknown): Promise<void>;
  close(folders: RunFolders): Promise<void>;
}

export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
