import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { connectTo, secure } from './connect';
import { Deadline } from './deadline';
import { exchange } from './exchange';
import { createGate, systemResolve, type Resolve } from './gate';
import { parseHostList } from './host-list';
import { firstHop, isRedirect, nextHop, type Hop, type RequestBody } from './redirect';
import { interrupted, unreachable } from './refusals';
import { cleanHeaders, spellingOf } from './request-headers';
import { ResponseBody } from './response-body';
import { parseUrl, targetOfHost, targetOfUrl } from './target';

/** All times in milliseconds. */
export interface SafeFetchOptions {
  /** Hosts, host:port, IP addresses and CIDRs that may be reached though private or on a blocked port; for tests and intranets. */
  readonly allow: readonly string[];
  /** In the same forms: never reached, whatever `allow` says. For the platform's own public addresses. */
  readonly deny?: readonly string[];
  /** Default: the system's resolver. */
  readonly resolve?: Resolve;
  /** For the connection, and again for the TLS handshake. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** PEM certificates to trust instead of the system's; for tests and intranets. */
  readonly ca?: string;
}

export interface SafeRequest {
  readonly url: string;
  /** Default GET. */
  readonly method?: string;
  /** Sent as they are spelled; connection and framing headers among them are dropped, `accept-encoding` is always `identity`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream is sent once; a redirect that wants it again fails. */
  readonly body?: RequestBody;
  /** Bytes of a `body` that is a stream: sent as Content-Length, and a stream that gives more or fewer fails. Without it a stream is sent in chunks. */
  readonly bodyLength?: number;
  readonly signal?: AbortSignal;
  /** Default 5. With 0 a redirect is the answer. */
  readonly maxRedirects?: number;
  /** From the request being sent to the headers being there, for each hop, in milliseconds. Default 30,000. */
  readonly headersTimeoutMs?: number;
  /** Without a byte while one is wanted, in milliseconds. Default 30,000. */
  readonly idleTimeoutMs?: number;
  /** All hops and the body together, in milliseconds. Default one hour. */
  readonly totalTimeoutMs?: number;
  /** Bytes of the body; default none. */
  readonly maxBytes?: number;
}

export interface SafeResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: IncomingHttpHeaders;
  /** Read it to its end or destroy it, else its connection stays open until the total time is over. Ends early with a Failure only. */
  readonly body: Readable;
  /** Of the last hop. */
  readonly url: string;
}

/** Connections to addresses that a customer named: never to a private one. */
export interface SafeFetch {
  /**
   * One HTTP or HTTPS request, redirects followed, each checked anew.
   * @throws Failure URL_NOT_ALLOWED, one text for all refusals; DOWNLOAD_FAILED when no answer came or there were too many redirects;
   *   INVALID_INPUT for a malformed header; CANCELLED, or the signal's reason when that is a Failure.
   */
  request(request: SafeRequest): Promise<SafeResponse>;
  /**
   * A checked TCP connection for other protocols, on any port. The caller owns and closes it.
   * @throws Failure URL_NOT_ALLOWED, DOWNLOAD_FAILED, CANCELLED
   */
  dial(target: { readonly host: string; readonly port: number; readonly signal?: AbortSignal }): Promise<Socket>;
}

/** @throws Error when an entry of `allow` or `deny` has no known form. */
export function createSafeFetch(options: SafeFetchOptions): SafeFetch {
  const { resolve = systemResolve, connectTimeoutMs = 10_000, ca } = options;
  const gate = createGate(parseHostList(options.allow), parseHostList(options.deny ?? []), resolve);

  const send = async (hop: Hop, deadline: Deadline, times: { headersTimeoutMs: number; idleTimeoutMs: number }): Promise<IncomingMessage> => {
    const { signal } = deadline;
    const target = await gate.check(targetOfUrl(hop.url), { webOnly: true, signal });
    const socket = await connectTo(target, connectTimeoutMs, signal);
    const wire = hop.url.protocol === 'https:' ? await secure(socket, target.host, ca, connectTimeoutMs, signal) : socket;
    return exchange(hop, wire, deadline, times);
  };

  return {
    async request(request) {
      const { maxRedirects = 5, headersTimeoutMs = 30_000, idleTimeoutMs = 30_000, totalTimeoutMs = 3_600_000, maxBytes = Infinity } = request;
      const { headers: given = {} } = request;
      let hop: Hop = { ...firstHop(parseUrl(request.url), request.method ?? 'GET', cleanHeaders(given), request.body, request.bodyLength), spelling: spellingOf(given) };
      const deadline = new Deadline(request.signal);
      deadline.within(totalTimeoutMs, () => interrupted(new Error('total time over')));
      try {
        for (let redirects = 0; ; redirects += 1) {
          const answer = await send(hop, deadline, { headersTimeoutMs, idleTimeoutMs });
          const { statusCode: status = 0, headers } = answer;
          if (maxRedirects === 0 || !isRedirect(status, headers.location)) {
            return { status, headers, url: hop.url.href, body: new ResponseBody(answer, deadline, { maxBytes, idleTimeoutMs }) };
          }
          answer.on('error', () => undefined).destroy();
          if (redirects === maxRedirects) throw unreachable(new Error('too many redirects'));
          hop = nextHop(hop, status, headers.location);
        }
      } catch (error) {
        deadline.release();
        throw error;
      }
    },

    async dial({ host, port, signal }) {
      const deadline = new Deadline(signal);
      try {
        return await connectTo(await gate.check(targetOfHost(host, port), { webOnly: false, signal: deadline.signal }), connectTimeoutMs, deadline.signal);
      } finally {
        deadline.release();
      }
    },
  };
}
