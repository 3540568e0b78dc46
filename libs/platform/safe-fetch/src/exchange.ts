import { request, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Deadline } from './deadline';
import type { Hop } from './redirect';
import { unreachable } from './refusals';

/** Milliseconds. */
export interface ExchangeTimes {
  /** From the request being sent to the end of the answer's headers. */
  readonly headersTimeoutMs: number;
  /** Without any byte on the wire. */
  readonly idleTimeoutMs: number;
}

/**
 * Sends one request over a socket that is already where it may be, and waits for the headers of the answer.
 * No agent takes part: a connection is used once, so that no later request rides on an older check, and no proxy of the environment is asked.
 * @throws Failure DOWNLOAD_FAILED, or the deadline's reason; the socket is destroyed then.
 */
export async function exchange(hop: Hop, socket: Socket, deadline: Deadline, times: ExchangeTimes): Promise<IncomingMessage> {
  const { url, method, body, bodyLength } = hop;
  const { signal } = deadline;
  const silence = (): void => void socket.destroy(new Error('no byte on the wire'));
  let sent = (): void => undefined;
  let answered = false;
  try {
    return await new Promise<IncomingMessage>((resolve, reject) => {
      const sending = request({
        createConnection: () => socket,
        method,
        path: url.pathname + url.search,
        setHost: false,
        headers: { ...spelled(hop), host: url.host, 'accept-encoding': 'identity', ...lengthOf(hop) },
        insecureHTTPParser: false,
        signal,
      });
      // Stays on: once the answer is here, an error of the sending side (EPIPE) only repeats what the answer's own stream tells.
      sending.on('error', reject);
      sending.once('response', resolve);
      // An upgrade nobody asked for is dropped by Node without 'error' and without 'response'.
      sending.once('close', () => reject(new Error('closed without an answer')));
      sending.once('finish', () => {
        // A peer may answer before it has the whole body; then no headers are waited for any more.
        if (!answered) sent = deadline.within(times.headersTimeoutMs, () => unreachable(new Error('no headers in time')));
      });
      socket.setTimeout(times.idleTimeoutMs, silence);
      if (body instanceof Readable && bodyLength !== undefined) pipeline(body, exactly(bodyLength), sending).catch(reject);
      else if (body instanceof Readable) pipeline(body, sending).catch(reject);
      else sending.end(body);
    });
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    throw unreachable(error);
  } finally {
    answered = true;
    sent();
    // From here on the reader of the body says when silence matters.
    socket.setTimeout(0);
    socket.off('timeout', silence);
  }
}

const spelled = ({ headers, spelling }: Hop): Record<string, string> => Object.fromEntries(Object.entries(headers).map(([name, value]) => [spelling?.get(name) ?? name, value]));

function lengthOf({ body, bodyLength }: Hop): Record<string, string> {
  if (body === undefined || (body instanceof Readable && bodyLength === undefined)) return {};
  return { 'content-length': String(body instanceof Readable ? bodyLength : Buffer.byteLength(body)) };
}

/** Passes a stream on that has so many bytes. With more, the rest would be read as the next request; with fewer, the peer would wait for it. */
const exactly = (length: number) =>
  async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let left = length;
    for await (const chunk of source) {
      left -= chunk.length;
      if (left < 0) break;
      yield chunk;
    }
    if (left !== 0) throw new Error(`the body is not ${length} bytes long`);
  };
