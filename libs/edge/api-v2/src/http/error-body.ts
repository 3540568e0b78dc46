import type { ErrorBody, ErrorCode } from '@millrace/contracts';
import { databaseFailure } from '@millrace/database';
import { failureOf, isFailure } from '@millrace/failures';

/** An answer that reports a failure. `unexpected`: a fault of ours, to be logged. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: ErrorBody;
  readonly unexpected: boolean;
}

/** What the framework throws by itself: Nest's HttpException and Fastify's errors carry a status. */
function frameworkStatus(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { statusCode, getStatus } = error as { statusCode?: unknown; getStatus?: () => number };
  const status = typeof getStatus === 'function' ? getStatus.call(error) : statusCode;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

const FRAMEWORK: Readonly<Record<number, { code: ErrorCode; message: string }>> = {
  404: { code: 'NOT_FOUND', message: 'Not found.' },
  405: { code: 'METHOD_NOT_ALLOWED', message: 'The method is not allowed here.' },
  413: { code: 'PAYLOAD_TOO_LARGE', message: 'The request is too large.' },
  415: { code: 'INVALID_DATA', message: 'The content type is not supported. Send application/json.' },
};

/** The answer of the contract (§12.1) to whatever was thrown. */
export function errorAnswer(error: unknown): ErrorAnswer {
  const status = isFailure(error) ? undefined : frameworkStatus(error);
  if (status !== undefined) {
    const known = FRAMEWORK[status] ?? { code: 'INVALID_DATA', message: 'The request is malformed.' };
    return { status, body: { message: known.message, code: known.code }, unexpected: false };
  }
  const failure = failureOf(databaseFailure(error));
  return {
    status: failure.status,
    body: { message: failure.publicMessage, code: failure.code, ...(failure.errors && { errors: failure.errors }) },
    unexpected: failure.code === 'INTERNAL_ERROR',
  };
}
