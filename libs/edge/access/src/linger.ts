import type { IncomingMessage } from 'node:http';

/** How long the rest of a refused request is read and thrown away before its connection is cut, ms. */
const LINGER_MS = 10_000;

/**
 * Reads on after a request was refused in the middle of its body. Who closes at once resets the connection, and the client never sees the answer;
 * who stops reading leaves it hanging.
 */
export function linger(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  const timer = setTimeout(() => request.destroy(), LINGER_MS).unref();
  request.once('close', () => clearTimeout(timer)).once('end', () => clearTimeout(timer));
  request.on('error', () => undefined).resume();
}
