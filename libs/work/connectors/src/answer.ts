import { Failure, isFailure } from '@millrace/failures';
import type { SafeResponse } from '@millrace/safe-fetch';

/** The server answered, but not with the file. */
export class RefusedAnswer extends Failure {
  constructor(
    readonly answered: number,
    publicMessage = `The server answered with status ${answered}`,
  ) {
    super('DOWNLOAD_FAILED', publicMessage);
  }
}

/** @throws RefusedAnswer unless the body of `answer` is the file as it is. */
export function expectFile({ status, headers }: SafeResponse): void {
  if (status < 200 || status > 299) throw new RefusedAnswer(status);
  const coding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  // Asked for identity; what comes coded all the same would be stored as another file than the one meant.
  if (coding !== '' && coding !== 'identity') throw new RefusedAnswer(status, 'The server answered with a content encoding that was not asked for');
}

/** True for what a second request may cure: a broken connection, or a server that is to blame itself. */
export function isTransient(error: unknown): boolean {
  if (error instanceof RefusedAnswer) return error.answered >= 500;
  return isFailure(error) && error.code === 'DOWNLOAD_FAILED';
}
