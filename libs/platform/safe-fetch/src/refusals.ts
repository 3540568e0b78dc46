import { Failure, isFailure } from '@millrace/failures';

/**
 * The one refusal: the same text whatever rule refused, so that it maps nothing of our network.
 * @param reason for logs only.
 */
export function notAllowed(reason: string): Failure {
  return new Failure('URL_NOT_ALLOWED', 'The URL is not allowed', { cause: new Error(reason) });
}

/** No answer came: unknown name, closed, filtered, no TLS, no HTTP, silence. One text for all, else it would be a port scanner. */
export function unreachable(cause: unknown): Failure {
  return isFailure(cause) ? cause : new Failure('DOWNLOAD_FAILED', 'The address could not be reached', { cause });
}

/** An answer began and did not end as it should. */
export function interrupted(cause: unknown): Failure {
  return isFailure(cause) ? cause : new Failure('DOWNLOAD_FAILED', 'The transfer was interrupted', { cause });
}

/** The caller's own signal ended the request. */
export function cancelled(reason: unknown): Failure {
  return isFailure(reason) ? reason : new Failure('CANCELLED', 'The task was cancelled', { cause: reason });
}
