import { Failure } from '@millrace/failures';
import { PAGE_LIMIT, PIXEL_LIMIT } from './limits';

const count = (value: number): string => value.toLocaleString('en');

/** What sharp, libvips and the libraries below say, and what a customer is told; the first that fits. */
const FAILURES: readonly [pattern: RegExp, code: 'LIMIT_EXCEEDED' | 'TIMEOUT', message: string][] = [
  [/exceeds pixel limit/i, 'LIMIT_EXCEEDED', `The image is larger than the limit of ${count(PIXEL_LIMIT)} pixels, all frames together`],
  [/exceeds page limit/i, 'LIMIT_EXCEEDED', `The file has more than the limit of ${count(PAGE_LIMIT)} frames or pages`],
  [/exceeded more than \d+ (referenced|loaded) elements|entity amplification/i, 'LIMIT_EXCEEDED', 'The image unfolds into too many elements'],
  [/too large|dimensions? (are )?larger|exceeds? .*dimension/i, 'LIMIT_EXCEEDED', 'The image is too large for the output format'],
  [/^timeout/i, 'TIMEOUT', 'The image could not be converted within the time limit'],
  [/out of memory|memory exhausted/i, 'LIMIT_EXCEEDED', 'The image needs more memory than the limit allows'],
];

/** Turns what sharp said about an image into the failure a customer is told. */
export function failureOfSharp(message: string): Failure {
  const cause = new Error(message);
  const known = FAILURES.find(([pattern]) => pattern.test(message));
  if (known) return new Failure(known[1], known[2], { cause });
  return new Failure('INVALID_INPUT', 'The file is not a readable image: it is damaged, incomplete or of another type', { cause });
}
