import { validateHeaderName, validateHeaderValue } from 'node:http';
import { Failure } from '@millrace/failures';

/** Belong to the connection or to the framing of the message, so they are ours alone; given ones are dropped. */
const OURS = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Say nothing about who asks; all others may hold a credential, under any name. */
const HARMLESS = new Set(['accept', 'accept-language', 'content-type', 'user-agent']);

/**
 * Lower-cases the names, drops those that are ours.
 * @throws Failure INVALID_INPUT when a name or a value would break the message (CR, LF, NUL); its text holds neither.
 */
export function cleanHeaders(given: Readonly<Record<string, string>>): Record<string, string> {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      // The cause is left out: Node's text names the header, and its value may be a secret.
      throw new Failure('INVALID_INPUT', 'A request header has a name or a value that HTTP does not allow');
    }
    const lower = name.toLowerCase();
    if (!OURS.has(lower)) clean[lower] = value;
  }
  return clean;
}

/** Names as given, by their lower-case form: HTTP does not look at the case of letters, but some receivers behind it do. */
export const spellingOf = (given: Readonly<Record<string, string>>): ReadonlyMap<string, string> => new Map(Object.keys(given).map((name) => [name.toLowerCase(), name]));

/** True when some header may be a credential. */
export function mayHoldCredentials(headers: Readonly<Record<string, string>>): boolean {
  return Object.keys(headers).some((name) => !HARMLESS.has(name));
}

/** What another origin may see. */
export function harmlessOnly(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => HARMLESS.has(name)));
}
