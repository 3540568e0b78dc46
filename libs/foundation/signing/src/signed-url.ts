import { Failure } from '@millrace/failures';
import { safeEqual } from './digest';
import { refuseExpired, unixSeconds } from './expiry';
import { keyId, secretOf, signature, type SigningSecret, type SigningSecrets } from './signing-key';

/** What a signed URL grants. */
export interface UrlGrant {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** As it stands in the URL: begins with `/`, its segments percent-encoded already. */
  readonly path: string;
  /** Names of letters, digits, `_`, `.`, `-`; not `exp`, `kid`, `sig`. */
  readonly params?: Readonly<Record<string, string>>;
  /** The first moment at which the URL no longer works (whole seconds, rounded down). */
  readonly expiresAt: Date;
}

const NAME = /^[A-Za-z0-9_.-]+$/;
/** The characters of RFC 3986 §3.3 that no client rewrites, so that the path arrives as it was signed. */
const PATH = /^\/(?:[A-Za-z0-9._~!$&()*+,;=:@/-]|%[0-9A-F]{2})*$/;
const KEY_ID = /(?:^|&)kid=([A-Za-z0-9_-]{8})(?:&|$)/;
const RESERVED = ['exp', 'kid', 'sig'];

/**
 * `path?query` that grants `method` on `path` with exactly these params until `expiresAt`.
 * Throws a TypeError for a path or param name that could not travel unchanged.
 */
export function signUrl(secret: SigningSecret, grant: UrlGrant): string {
  const params = grant.params ?? {};
  if (!PATH.test(grant.path)) throw new TypeError(`not a percent-encoded path: ${grant.path}`);
  for (const name of Object.keys(params)) {
    if (!NAME.test(name) || RESERVED.includes(name)) throw new TypeError(`not a param name that can be signed: ${name}`);
  }
  const entries = [...Object.entries(params), ['exp', String(unixSeconds(grant.expiresAt))], ['kid', keyId(secret)]] as [string, string][];
  const query = canonicalQuery(entries);
  return `${grant.path}?${query}&sig=${sign(secret, grant.method, grant.path, query)}`;
}

/**
 * The params of a URL made by `signUrl` (without `exp`, `kid`, `sig`). `rawUrl` is the request target as it came: any other
 * spelling of it, order, duplicate or extra param is refused, since only the bytes that were signed are accepted.
 * Throws FORBIDDEN for a URL that was not signed, GONE for one that was and has expired.
 */
export function verifySignedUrl(secrets: SigningSecrets, method: string, rawUrl: string, now: Date): Record<string, string> {
  const [path, signed, sig] = split(rawUrl);
  const secret = secretOf(secrets, KEY_ID.exec(signed)?.[1] ?? '');
  if (!secret || !safeEqual(sig, sign(secret, method, path, signed))) throw forbidden();
  const params = new Map(signed.split('&').map(decodePair));
  refuseExpired(Number(params.get('exp')), now, 'This link');
  params.delete('exp');
  params.delete('kid');
  return Object.fromEntries(params);
}

function split(rawUrl: string): [path: string, signed: string, sig: string] {
  const question = rawUrl.indexOf('?');
  const mark = rawUrl.lastIndexOf('&sig=');
  if (question < 0 || mark < question) throw forbidden();
  return [rawUrl.slice(0, question), rawUrl.slice(question + 1, mark), rawUrl.slice(mark + '&sig='.length)];
}

/** Of a query that was verified: it was written by `canonicalQuery`. */
function decodePair(pair: string): [string, string] {
  const equals = pair.indexOf('=');
  return [pair.slice(0, equals), decodeURIComponent(pair.slice(equals + 1))];
}

function canonicalQuery(entries: readonly [string, string][]): string {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([name, value]) => `${name}=${encode(value)}`).join('&');
}

/** Everything but RFC 3986's unreserved characters, so that no client has a reason to encode again. */
function encode(value: string): string {
  return encodeURIComponent(value).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sign(secret: SigningSecret, method: string, path: string, query: string): string {
  return signature(secret, `millrace-url-v1\n${method}\n${path}\n${query}`);
}

function forbidden(): Failure {
  return new Failure('FORBIDDEN', 'This link is not valid.');
}
