/**
 * How a failure is treated.
 * - `request`: the HTTP request is refused, nothing was appended.
 * - `input`, `limit`: the task ends at once, never retried.
 * - `engine`: the attempt failed; retried twice at most, by the log.
 * - `infrastructure`: nobody's fault; retried with backoff, burns no attempt.
 */
export type FailureClass = 'request' | 'input' | 'limit' | 'engine' | 'infrastructure';

/** The closed list of error codes, with class and HTTP status. Codes of the wire contract: cloudconvert-v2 §12. */
export const ERROR_CODES = {
  UNAUTHENTICATED: { class: 'request', status: 401 },
  FORBIDDEN: { class: 'request', status: 403 },
  NOT_FOUND: { class: 'request', status: 404 },
  METHOD_NOT_ALLOWED: { class: 'request', status: 405 },
  CONFLICT: { class: 'request', status: 409 },
  GONE: { class: 'request', status: 410 },
  PAYLOAD_TOO_LARGE: { class: 'request', status: 413 },
  INVALID_DATA: { class: 'request', status: 422 },
  INVALID_CONVERSION_TYPE: { class: 'request', status: 422 },
  TOO_MANY_REQUESTS: { class: 'request', status: 429 },
  INTERNAL_ERROR: { class: 'infrastructure', status: 500 },
  SERVICE_UNAVAILABLE: { class: 'infrastructure', status: 503 },
  CANCELLED: { class: 'input', status: 422 },
  INPUT_TASK_FAILED: { class: 'input', status: 422 },
  INVALID_INPUT: { class: 'input', status: 422 },
  UPLOAD_EXPIRED: { class: 'input', status: 410 },
  URL_NOT_ALLOWED: { class: 'input', status: 422 },
  DOWNLOAD_FAILED: { class: 'input', status: 422 },
  UPLOAD_FAILED: { class: 'input', status: 422 },
  LIMIT_EXCEEDED: { class: 'limit', status: 422 },
  TIMEOUT: { class: 'limit', status: 422 },
  ENGINE_CRASHED: { class: 'engine', status: 422 },
  ENGINE_UNAVAILABLE: { class: 'infrastructure', status: 422 },
  WORKER_LOST: { class: 'infrastructure', status: 422 },
  BLOB_NOT_FOUND: { class: 'infrastructure', status: 404 },
} as const satisfies Record<string, { class: FailureClass; status: number }>;

/** One of the closed list of error codes. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** True when `value` is a code of the closed list. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_CODES, value);
}
