import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '@millrace/access';
import { Failure } from '@millrace/failures';
import type { CreatingRequest } from './creation';
import { bodyDetails, type BodyLimits, refuseLargeWithoutContent } from './http/json-body';

/** Printable ASCII; anything else is no key that a client made on purpose. */
const KEY = /^[\x21-\x7e]{1,255}$/;

function idempotencyKey(request: FastifyRequest): string | undefined {
  const header = request.headers['idempotency-key'];
  if (header === undefined || header === '') return undefined;
  if (typeof header === 'string' && KEY.test(header)) return header;
  throw new Failure('INVALID_DATA', 'The given data was invalid.', { errors: { 'Idempotency-Key': ['The key is 1 to 255 printable characters without blanks.'] } });
}

/** What a creation needs to know of its HTTP request. Throws INVALID_DATA for a malformed Idempotency-Key. */
export function creatingRequest(request: FastifyRequest, limits: BodyLimits): CreatingRequest {
  const path = request.url.split('?')[0]!;
  return {
    caller: callerOf(request),
    body: request.body,
    bodyHash: createHash('sha256').update(`${path}\n${bodyDetails(request).sha256}`).digest('hex'),
    idempotencyKey: idempotencyKey(request),
    refuseLarge: () => refuseLargeWithoutContent(request, limits),
  };
}
