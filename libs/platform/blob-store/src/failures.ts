import { Failure, isFailure } from '@millrace/failures';

/** True for an error of the operating system with one of these codes. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  // Not by instanceof: an error of Node's own is no instance of the Error of another realm, such as Jest's.
  return codes.includes((error as Partial<NodeJS.ErrnoException> | undefined)?.code ?? '');
}

export function notFound(cause?: unknown): Failure {
  return new Failure('BLOB_NOT_FOUND', 'The file is no longer stored.', { cause });
}

/** A failing storage is nobody's fault and passes: infrastructure, to be retried. */
export function storageFailure(cause: unknown): Failure {
  return isFailure(cause) ? cause : new Failure('SERVICE_UNAVAILABLE', 'The file storage is not available.', { cause });
}

/** Runs work on the storage; what it throws leaves as a Failure. */
export async function onStorage<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storageFailure(error);
  }
}
