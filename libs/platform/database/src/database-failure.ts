import { Failure, isFailure } from '@millrace/failures';

const codeOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '');

/** Deadlock and serialization failure: the same transaction may succeed now. */
export const isTransient = (error: unknown): boolean => ['40P01', '40001'].includes(codeOf(error));

/** SQLSTATE classes and socket errors that mean: the database is away, not the statement wrong. */
const AWAY = /^(08...|57P0.|53...|57014|55P03|25P0[34]|ECONN.*|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)$/;
const AWAY_TEXT = /timeout exceeded when trying to connect|Connection terminated|Query read timeout|Client has encountered a connection error|Cannot use a pool after|^timeout expired$/i;

/** True when Postgres could not be reached, or gave up for a reason of its own. */
export function isAway(error: unknown): boolean {
  return AWAY.test(codeOf(error)) || (error instanceof Error && AWAY_TEXT.test(error.message));
}

/** SERVICE_UNAVAILABLE for a database that is away; every other error as it is. */
export function databaseFailure(error: unknown): unknown {
  if (isFailure(error) || !isAway(error)) return error;
  return new Failure('SERVICE_UNAVAILABLE', 'The service is temporarily unavailable', { cause: error });
}
