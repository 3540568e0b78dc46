import { Failure } from '@millrace/failures';

/** Turns what sharp said about an image into the failure a customer is told. */
export function failureOfSharp(message: string, pixelLimit: number): Failure {
  const cause = new Error(message);
  if (/exceeds pixel limit/i.test(message)) {
    return new Failure('LIMIT_EXCEEDED', `The image is larger than the limit of ${pixelLimit.toLocaleString('en')} pixels`, { cause });
  }
  if (/too large|dimensions? (are )?larger|exceeds? .*dimension/i.test(message)) return new Failure('LIMIT_EXCEEDED', 'The image is too large for the output format', { cause });
  if (/^timeout/i.test(message)) return new Failure('TIMEOUT', 'The image could not be converted within the time limit', { cause });
  if (/out of memory|memory exhausted/i.test(message)) return new Failure('LIMIT_EXCEEDED', 'The image needs more memory than the limit allows', { cause });
  return new Failure('INVALID_INPUT', 'The file is not a readable image: it is damaged, incomplete or of another type', { cause });
}
