import { Failure } from '@millrace/failures';

/** Whole Unix seconds, rounded down, so that nothing lives longer than was promised. Throws a TypeError for an invalid date. */
export function unixSeconds(date: Date): number {
  const seconds = Math.floor(date.getTime() / 1000);
  if (!Number.isSafeInteger(seconds) || seconds < 0) throw new TypeError('expiresAt must be a date after 1970');
  return seconds;
}

/** Throws GONE from the second `exp` on. */
export function refuseExpired(exp: number, now: Date, what: string): void {
  if (!(now.getTime() < exp * 1000)) throw new Failure('GONE', `${what} has expired.`);
}
