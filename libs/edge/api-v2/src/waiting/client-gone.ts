import type { FastifyReply } from 'fastify';

/** Aborted when the client of a request closes its connection before it was answered. */
export function clientGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
