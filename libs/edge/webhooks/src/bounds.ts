/** Counts what is under way by key, up to a bound for each. */
export class Bounds<Key> {
  readonly #counts = new Map<Key, number>();

  constructor(readonly most: number) {}

  /** False when `key` has as much under way as it may. */
  take(key: Key): boolean {
    const count = this.#counts.get(key) ?? 0;
    if (count >= this.most) return false;
    this.#counts.set(key, count + 1);
    return true;
  }

  /** Ends one that was taken. */
  release(key: Key): void {
    const left = (this.#counts.get(key) ?? 0) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
  }

  /** Keys that may take no more now. */
  full(): Key[] {
    return [...this.#counts].filter(([, count]) => count >= this.most).map(([key]) => key);
  }
}
