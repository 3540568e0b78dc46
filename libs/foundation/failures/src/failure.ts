import { ERROR_CODES, type ErrorCode, type FailureClass } from '@millrace/contracts';

/** What a failure may carry besides its code and public message. */
export interface FailureDetail {
  /** The error underneath; for logs only, never shown to a customer. */
  readonly cause?: unknown;
  /** Messages per field, as the API's error body shows them. */
  readonly errors?: Readonly<Record<string, readonly string[]>>;
}

const BRAND = Symbol.for('millrace.failure');

/** The one error type. Its code decides ack, retry, dead letter and HTTP status; compare by `code`, never by message. */
export class Failure extends Error {
  readonly [BRAND] = true;
  readonly errors: Readonly<Record<string, readonly string[]>> | undefined;

  constructor(
    readonly code: ErrorCode,
    /** A sentence a customer may read: names the field and its valid values, or stays generic where security asks. */
    readonly publicMessage: string,
    detail: FailureDetail = {},
  ) {
    super(`${code}: ${publicMessage}`, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'Failure';
    this.errors = detail.errors;
  }

  get class(): FailureClass {
    return ERROR_CODES[this.code].class;
  }

  /** True when the same work may succeed later without a change by the customer. */
  get retryable(): boolean {
    return this.class === 'engine' || this.class === 'infrastructure';
  }

  /** The HTTP status of an answer that reports this failure. */
  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}

/** True for a `Failure`, also one from another copy of this lib. */
export function isFailure(error: unknown): error is Failure {
  return typeof error === 'object' && error !== null && (error as { [BRAND]?: boolean })[BRAND] === true;
}

/** `error` itself when it is a `Failure`, else an INTERNAL_ERROR around it that tells a customer nothing. */
export function failureOf(error: unknown): Failure {
  return isFailure(error) ? error : new Failure('INTERNAL_ERROR', 'Server Error', { cause: error });
}
