import { isIP } from 'node:net';
import { plainName } from './host-list';
import { notAllowed } from './refusals';

/** Where a connection is to go, after the one and only parse. */
export interface Target {
  /** A name or an IP address, without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Ports on which no web server is expected but another protocol could be spoken to: "port blocking", Fetch Standard §2.9. */
const BAD_PORTS = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139,
  143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045,
  4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

/** Names that by their registration never are on the public internet: RFC 6761, 6762, 7686, 8375 and ICANN's reservation of `internal`. */
const PRIVATE_NAME = /(^|\.)(localhost|local|internal|home\.arpa|onion)$/;

/**
 * Parses a URL of a customer, or a redirect's location against it.
 * @throws Failure URL_NOT_ALLOWED: no URL, not http or https, or a user name or password in it.
 */
export function parseUrl(text: string, base?: URL): URL {
  if (!URL.canParse(text, base?.href)) throw notAllowed('not a URL');
  const url = new URL(text, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw notAllowed(`scheme ${url.protocol}`);
  if (url.username !== '' || url.password !== '') throw notAllowed('userinfo');
  url.hash = '';
  return url;
}

export function targetOfUrl(url: URL): Target {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { host: bare(url.hostname), port };
}

/**
 * Reads the host of a storage's options with the URL parser, so that odd spellings of an address (`0x7f.1`) become the address.
 * @throws Failure URL_NOT_ALLOWED
 */
export function targetOfHost(host: string, port: number): Target {
  const text = isIP(host) === 6 ? `[${host}]` : host;
  if (!/^(\[[0-9a-f:.]+\]|[^\s\0-\x20\x7f/\\?#@:[\]%]+)$/i.test(text) || !URL.canParse(`http://${text}`)) throw notAllowed('not a host');
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw notAllowed('not a port');
  return { host: bare(new URL(`http://${text}`).hostname), port };
}

export function isBadPort(port: number): boolean {
  return BAD_PORTS.has(port);
}

/** True for a name that cannot be public. An IP address is none. */
export function isPrivateName(host: string): boolean {
  return PRIVATE_NAME.test(plainName(host));
}

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}
