/** What Postgres cannot keep in text or jsonb: NUL, and halves of surrogate pairs. */
const UNSTORABLE = /\u0000|\p{Surrogate}/u;

/** True when every text in `value`, keys included, can be kept. */
export function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return !UNSTORABLE.test(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, item]) => isStorable(key) && isStorable(item));
}
