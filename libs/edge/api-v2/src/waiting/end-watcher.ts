import { SUBJECTS } from '@millrace/contracts';
import { Failure } from '@millrace/failures';
import type { Resources } from '@millrace/job-store';
import type { Logger } from '@millrace/telemetry';

/** Notices of the bus, as far as waiting needs them. */
export interface Notices {
  subscribe(subject: string, handler: () => unknown): { stop(): void };
  /** Calls at every change of the connection; the answer ends it. */
  onStatus(listener: (connected: boolean) => void): () => void;
}

/** Something that is waited for: a job, or a task in a stream. */
export interface Awaited {
  readonly id: string;
  readonly stream: string;
  readonly account: number;
}

/** How often everything waited for is read anew, ms: a lost notice costs so much, and no more. */
const READ_EVERY_MS = 15_000;

const stopping = (): Failure => new Failure('SERVICE_UNAVAILABLE', 'The server restarts. Please repeat the request.');

interface Waiter {
  readonly awaited: Awaited;
  readonly ended: () => void;
  readonly closed: () => void;
}

/** Tells when jobs and tasks have ended. Listens first and reads then, so that no end falls between; what the bus loses is found by reading. */
export class EndWatcher {
  readonly #waiters = new Set<Waiter>();
  readonly #subscriptions = new Map<string, { readonly stop: () => void; count: number }>();
  readonly #offStatus: () => void;
  readonly #timer: NodeJS.Timeout;
  #reading: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(
    private readonly notices: Notices,
    private readonly resources: Pick<Resources, 'ended'>,
    private readonly log: Logger,
    everyMs: number = READ_EVERY_MS,
  ) {
    this.#offStatus = notices.onStatus((connected) => connected && this.#look());
    this.#timer = setInterval(() => this.#look(), everyMs).unref();
  }

  /** Waiting requests; for tests and metrics. */
  get size(): number {
    return this.#waiters.size;
  }

  /** Resolves with true when `awaited` ended or is gone, with false when `signal` aborts first. Throws SERVICE_UNAVAILABLE when this process stops. */
  async wait(awaited: Awaited, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.#closed) throw stopping();
    const release = this.#listen(awaited);
    try {
      return await new Promise<boolean>((resolve, reject) => {
        const leave = (): void => {
          this.#waiters.delete(waiter);
          signal.removeEventListener('abort', abort);
        };
        const abort = (): void => (leave(), resolve(false));
        const waiter: Waiter = { awaited, ended: () => (leave(), resolve(true)), closed: () => (leave(), reject(stopping())) };
        this.#waiters.add(waiter);
        signal.addEventListener('abort', abort);
        this.#look();
      });
    } finally {
      release();
    }
  }

  /** Ends every wait: a process that stops cannot outlast its patient clients. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#offStatus();
    for (const waiter of [...this.#waiters]) waiter.closed();
  }

  /** One subscription a stream, however many wait for it. */
  #listen({ account, stream }: Awaited): () => void {
    const subject = SUBJECTS.eventsOfJob(account, stream);
    const entry = this.#subscriptions.get(subject) ?? { stop: this.#subscribe(subject), count: 0 };
    entry.count += 1;
    this.#subscriptions.set(subject, entry);
    return () => {
      entry.count -= 1;
      if (entry.count > 0) return;
      this.#subscriptions.delete(subject);
      entry.stop();
    };
  }

  #subscribe(subject: string): () => void {
    const subscription = this.notices.subscribe(subject, () => this.#look());
    return () => subscription.stop();
  }

  /** Reads all that is waited for in one query; notices that come meanwhile lead to one more. */
  #look(): void {
    if (this.#waiters.size === 0) return;
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = this.#read().finally(() => {
      this.#reading = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.#look();
    });
  }

  async #read(): Promise<void> {
    const waiters = [...this.#waiters];
    try {
      const ended = await this.resources.ended([...new Set(waiters.map(({ awaited }) => awaited.id))]);
      for (const waiter of waiters) if (ended.has(waiter.awaited.id)) waiter.ended();
    } catch (error) {
      // The next look comes in seconds; the request goes on waiting meanwhile.
      this.log.warn({ err: error }, 'What requests wait for could not be read');
    }
  }
}
