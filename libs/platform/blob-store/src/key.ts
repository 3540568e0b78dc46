import { Failure } from '@millrace/failures';

/** NAME_MAX of ext4, xfs, btrfs and APFS; three segments stay below the 1,024 bytes of an S3 key. */
const MAX_SEGMENT_BYTES = 255;
const SEGMENTS = 3;
/** Controls (XML listings of S3 cannot carry them), backslash, and halves of surrogate pairs (all would become the same U+FFFD on disk). */
const FORBIDDEN = /[\u0000-\u001f\u007f\\]|\p{Surrogate}/u;

/**
 * The three segments of a key `<task>/<run>/<name>`. Throws INVALID_DATA unless each is 1 to 255 bytes of UTF-8 without control
 * characters and backslash, and none is `.` or `..`: a key can then be joined to a folder without leaving it. Keys are compared
 * byte by byte; a composed and a decomposed letter make two keys.
 */
export function checkKey(key: string): [task: string, run: string, name: string] {
  const segments = key.split('/');
  if (segments.length !== SEGMENTS || !segments.every(isSegment)) throw invalidKey();
  return segments as [string, string, string];
}

/** The segments that a prefix of keys names in full, and the rest. Throws INVALID_DATA when no key can begin like this. */
export function checkPrefix(prefix: string): { whole: string[]; rest: string } {
  const segments = prefix.split('/');
  const rest = segments.pop() ?? '';
  if (segments.length >= SEGMENTS || !segments.every(isSegment) || FORBIDDEN.test(rest)) throw invalidKey();
  return { whole: segments, rest };
}

function isSegment(segment: string): boolean {
  return segment !== '' && segment !== '.' && segment !== '..' && !FORBIDDEN.test(segment) && Buffer.byteLength(segment) <= MAX_SEGMENT_BYTES;
}

function invalidKey(): Failure {
  return new Failure('INVALID_DATA', 'The name of a stored file is not valid.');
}
