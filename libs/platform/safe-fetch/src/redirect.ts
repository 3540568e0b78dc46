import type { Readable } from 'node:stream';
import { interrupted, notAllowed } from './refusals';
import { harmlessOnly, mayHoldCredentials } from './request-headers';
import { parseUrl } from './target';

export type RequestBody = string | Uint8Array | Readable;

/** One request of a chain. */
export interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Header names as they were given, by their lower-case form. */
  readonly spelling?: ReadonlyMap<string, string>;
  readonly body: RequestBody | undefined;
  /** Bytes of a body that is a stream, where they are known. */
  readonly bodyLength: number | undefined;
  /** True when the first request of the chain had headers that may be credentials, also after they were dropped. */
  readonly credentials: boolean;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export function isRedirect(status: number, location: string | undefined): location is string {
  return REDIRECTS.has(status) && location !== undefined && location !== '';
}

/**
 * The request that a redirect asks for (Fetch Standard §4.4 "HTTP-redirect fetch", stricter with headers: on another origin only harmless ones stay).
 * @throws Failure URL_NOT_ALLOWED for a bad location or a step down from https in a chain that began with credentials;
 *   DOWNLOAD_FAILED when a body that was a stream would have to be sent again.
 */
export function nextHop(hop: Hop, status: number, location: string): Hop {
  const url = parseUrl(utf8(location), hop.url);
  if (hop.credentials && hop.url.protocol === 'https:' && url.protocol === 'http:') throw notAllowed('credentials from https to http');
  const headers = url.origin === hop.url.origin ? hop.headers : harmlessOnly(hop.headers);
  const becomesGet = (status === 303 && hop.method !== 'HEAD' && hop.method !== 'GET') || ((status === 301 || status === 302) && hop.method === 'POST');
  if (becomesGet) {
    const { 'content-type': _, ...rest } = headers;
    return { ...hop, url, method: 'GET', headers: rest, body: undefined };
  }
  if (hop.body !== undefined && typeof hop.body !== 'string' && !(hop.body instanceof Uint8Array)) throw interrupted(new Error('a stream cannot be sent twice'));
  return { ...hop, url, headers };
}

/** The first hop of a chain. */
export function firstHop(url: URL, method: string, headers: Readonly<Record<string, string>>, body: RequestBody | undefined, bodyLength?: number): Hop {
  return { url, method, headers, body, bodyLength, credentials: mayHoldCredentials(headers) };
}

/** Node hands out header bytes as latin1; servers write unescaped UTF-8 in locations. */
function utf8(location: string): string {
  const bytes = Buffer.from(location, 'latin1');
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? location : text;
}
