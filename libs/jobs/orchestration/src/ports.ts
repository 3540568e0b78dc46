import type { EVENT_HEADERS, Fact, Invitation, Lane } from '@millrace/contracts';
import type { LeaderToken } from '@millrace/job-store';

/** Monotonic enough time and waiting; the simulation brings its own. */
export interface Clock {
  /** Ms. */
  now(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** What the dispatcher needs of JetStream. */
export interface InvitationBus {
  readonly connected: boolean;
  /** Makes the lane's consumer if it is missing; remembers nothing across reconnects. */
  ensureLane(lane: Lane): Promise<void>;
  /** Invitations not pulled, and pulled but not acked; undefined when the consumer is missing. */
  depth(lane: Lane): Promise<{ pending: number; ackPending: number } | undefined>;
  /** Publishes without a message id: a repeat is meant. */
  invite(lane: Lane, invitation: Invitation): Promise<void>;
}

export type FactHeaders = Record<(typeof EVENT_HEADERS)[keyof typeof EVENT_HEADERS], string>;

/** What the relay needs of JetStream. */
export interface FactBus {
  /** Appends one fact after `lastSequence`; false when the stream's end is elsewhere. */
  publish(subject: string, fact: Fact, headers: Partial<FactHeaders>, lastSequence: number): Promise<{ sequence: number } | false>;
  /** The stream's creation time, its last sequence, and the headers of its last message. */
  tail(): Promise<{ createdAt: string; lastSequence: number; headers: Partial<FactHeaders> | undefined }>;
}

/** How far the relay came: a row that only the leading relay writes. */
export interface RelayMark {
  readonly position: number;
  readonly lastSequence: number;
  readonly streamCreatedAt: string;
  readonly epoch: string;
}

export interface RelayMarks {
  read(): Promise<RelayMark | undefined>;
  /** Throws CONFLICT when `leader` was superseded. */
  write(mark: RelayMark, leader: LeaderToken): Promise<void>;
}

/** A log event as the relay reads it. */
export interface LoggedEvent {
  readonly position: number;
  readonly eventId: string;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly at: Date;
  readonly data: unknown;
  readonly meta: Record<string, unknown>;
}

/** The ordered reader; `busy` asks the caller to pause, so that one frozen appender does not slow the others. */
export interface OrderedLog {
  read(after: number, limit: number): Promise<{ events: LoggedEvent[]; position: number } | 'busy'>;
}

/** Manifests: long file lists beside the bus. */
export interface Manifests {
  read(key: string): Promise<unknown>;
  write(key: string, value: unknown): Promise<void>;
}

/** Opens the sealed fields of a task's options with its job's key. */
export type OpenOptions = (options: Readonly<Record<string, unknown>>, wrappedKey: string | undefined, task: string) => Record<string, unknown>;

/** Tells whoever watches how far a task of a stream is; what is told may be lost. */
export type TellProgress = (account: number, stream: string, progress: { readonly task: string; readonly percent: number }) => void;

/** The part of a logger that is used here. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
