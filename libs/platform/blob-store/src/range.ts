import { Failure } from '@millrace/failures';
import type { ByteRange } from './blob-store';

/** `range` cut to a blob of `size` bytes. Throws INVALID_DATA for a range that holds no byte, but for the whole of an empty blob. */
export function clampRange({ start = 0, end }: ByteRange, size: number): { start: number; end?: number } {
  if (end === undefined && start === 0) return { start };
  const last = Math.min(end ?? Infinity, size - 1);
  if (![start, last].every(Number.isSafeInteger) || start < 0 || start > last) {
    throw new Failure('INVALID_DATA', `The byte range is not valid: the file has ${size} bytes.`);
  }
  return { start, end: last };
}
