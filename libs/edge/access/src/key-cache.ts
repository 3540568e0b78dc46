import { hashApiKey, safeEqual } from '@millrace/signing';
import type { KeyLookup, LiveKey } from './accounts';

/** So long may a revoked key still work, ms. */
const KEEP_MS = 3_000;
/** Keys kept at once; beyond that the cache starts anew. */
const MOST = 10_000;

/** Remembers live keys for seconds, so that a busy client costs one look-up in 3 s. Unknown keys are never remembered: a new key works at once. */
export class KeyCache {
  readonly #kept = new Map<string, { key: LiveKey; until: number }>();

  constructor(
    private readonly lookup: KeyLookup,
    private readonly now: () => number = Date.now,
  ) {}

  /** The live key that `token` is, or undefined. */
  async find(token: string): Promise<LiveKey | undefined> {
    const hash = hashApiKey(token);
    const kept = this.#kept.get(hash);
    if (kept && kept.until > this.now()) return kept.key;
    this.#kept.delete(hash);
    const key = await this.lookup.liveKey(hash);
    // The index found the row by its hash; the comparison that decides takes the same time for every token.
    if (!key || !safeEqual(key.hash, hash)) return undefined;
    if (this.#kept.size >= MOST) this.#kept.clear();
    this.#kept.set(hash, { key, until: this.now() + KEEP_MS });
    return key;
  }
}
