import type { EngineLog } from '../deps';
import type { OfficeWorker } from './office-worker';

/** How long a worker stays loaded for an account that has no document, ms. */
const IDLE_MS = 180_000;
const LOOK_MS = 15_000;

export interface PoolSettings {
  /** Workers that accounts may hold, busy ones included; the spare comes on top. */
  readonly size: number;
  readonly launch: () => Promise<OfficeWorker>;
  readonly log?: EngineLog;
  readonly idleMs?: number;
}

/** Loaded workers: those of accounts, and one that nobody has used yet, so that a new account need not wait for LibreOffice to load. */
export class WorkerPool {
  readonly #idle: OfficeWorker[] = [];
  readonly #busy = new Set<OfficeWorker>();
  readonly #leaving = new Set<Promise<void>>();
  #spare: Promise<OfficeWorker> | undefined;
  #closed = false;
  readonly #timer: NodeJS.Timeout;

  constructor(private readonly settings: PoolSettings) {
    this.#timer = setInterval(() => this.#endIdle(), Math.min(LOOK_MS, settings.idleMs ?? IDLE_MS)).unref();
    this.#refill();
  }

  /**
   * A worker for one document of `account`.
   * @param fresh never one that has seen a document: an earlier attempt may have harmed it.
   */
  async acquire(account: string, fresh: boolean): Promise<OfficeWorker> {
    const worker = (fresh ? undefined : this.#ofAccount(account)) ?? (await this.#unused());
    worker.account = account;
    this.#busy.add(worker);
    while (this.#idle.length > 0 && this.#idle.length + this.#busy.size > this.settings.size) this.#leave(this.#idle.shift()!);
    return worker;
  }

  /** Takes a worker back; it is kept for its account while it is fit. */
  release(worker: OfficeWorker): void {
    this.#busy.delete(worker);
    if (this.#closed || !worker.fit) return this.#leave(worker);
    worker.idleSince = performance.now();
    this.#idle.push(worker);
  }

  /** Ends all workers. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    for (const worker of [...this.#idle.splice(0), ...this.#busy]) this.#leave(worker);
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare) await spare.then((worker) => this.#leave(worker), () => undefined);
    await Promise.all(this.#leaving);
  }

  /** The one used last: its memory is warmest. */
  #ofAccount(account: string): OfficeWorker | undefined {
    for (let i = this.#idle.length - 1; i >= 0; i -= 1) {
      if (this.#idle[i]!.account !== account) continue;
      const [worker] = this.#idle.splice(i, 1);
      if (worker!.fit) return worker;
      this.#leave(worker!);
    }
    return undefined;
  }

  async #unused(): Promise<OfficeWorker> {
    const ready = this.#spare ?? this.settings.launch();
    this.#spare = undefined;
    this.#refill();
    const worker = await ready;
    if (worker.process.running) return worker;
    // It ended while it waited.
    this.#leave(worker);
    return this.settings.launch();
  }

  #refill(): void {
    if (this.#closed || this.#spare) return;
    const spare = this.settings.launch();
    this.#spare = spare;
    spare.catch((error: unknown) => {
      this.settings.log?.warn({ err: error }, 'A spare LibreOffice could not be started');
      if (this.#spare === spare) this.#spare = undefined;
    });
  }

  #leave(worker: OfficeWorker): void {
    const leaving = worker
      .remove()
      .catch((error: unknown) => this.settings.log?.warn({ err: error }, 'What a LibreOffice left could not be removed'))
      .finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  #endIdle(): void {
    const since = performance.now() - (this.settings.idleMs ?? IDLE_MS);
    const gone = this.#idle.filter((worker) => worker.idleSince <= since || !worker.process.running);
    for (const worker of gone) {
      this.#idle.splice(this.#idle.indexOf(worker), 1);
      this.#leave(worker);
    }
  }
}
