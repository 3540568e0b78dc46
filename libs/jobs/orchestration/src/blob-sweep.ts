import type { LeaderToken } from '@millrace/job-store';
import type { Clock, Log } from './ports';

/** What the sweep asks of the database. */
export interface BlobLedgerPort {
  forgetReleased(afterMs: number, limit: number, leader: LeaderToken): Promise<string[]>;
  unnamed(keys: readonly string[]): Promise<string[]>;
  tidy(leader: LeaderToken): Promise<void>;
}

/** What it does to the blob store. */
export interface SweptBlobs {
  list(prefix: string): AsyncIterable<{ key: string; modifiedAt: Date }>;
  remove(key: string): Promise<void>;
  removeAbandoned?(before: Date): Promise<number>;
}

export interface BlobSweepSettings {
  /** Bytes stay so long after their last reference went, and files that nobody names so long after they were written, ms. */
  readonly graceMs: number;
  /** Between two walks through the whole store, ms. */
  readonly walkMs: number;
  /** Half-written files older than this belong to nobody: no upload lives longer, ms. */
  readonly abandonedMs: number;
}

const HOUR_MS = 3_600_000;
export const BLOB_SWEEP_SETTINGS: BlobSweepSettings = { graceMs: HOUR_MS, walkMs: HOUR_MS, abandonedMs: 24 * HOUR_MS };

const BATCH = 200;

/** Removes bytes that nobody wants any more. */
export class BlobSweep {
  private walkedAt: number | undefined;

  constructor(
    private readonly ledger: BlobLedgerPort,
    private readonly blobs: SweptBlobs,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly settings: BlobSweepSettings = BLOB_SWEEP_SETTINGS,
  ) {}

  /** One round; true when more is waiting. */
  async tick(leader: LeaderToken): Promise<boolean> {
    const released = await this.ledger.forgetReleased(this.settings.graceMs, BATCH, leader);
    // After the commit. What a crash leaves here is named by nobody, and found by the walk.
    for (const key of released) await this.blobs.remove(key);
    if (released.length === BATCH) return true;
    const now = this.clock.now();
    if (this.walkedAt !== undefined && now - this.walkedAt < this.settings.walkMs) return false;
    await this.ledger.tidy(leader);
    await this.walk(now);
    await this.blobs.removeAbandoned?.(new Date(now - this.settings.abandonedMs));
    this.walkedAt = now;
    return false;
  }

  private async walk(now: number): Promise<void> {
    let removed = 0;
    let page: string[] = [];
    const flush = async (): Promise<void> => {
      const unnamed = page.length > 0 ? await this.ledger.unnamed(page) : [];
      for (const key of unnamed) await this.blobs.remove(key);
      removed += unnamed.length;
      page = [];
    };
    for await (const { key, modifiedAt } of this.blobs.list('')) {
      if (now - modifiedAt.getTime() < this.settings.graceMs) continue;
      page.push(key);
      if (page.length === BATCH) await flush();
    }
    await flush();
    if (removed > 0) this.log.info({ removed }, 'Files that nobody names were removed');
  }
}
