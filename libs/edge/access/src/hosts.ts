import type { IncomingHttpHeaders } from 'node:http';
import { type HostRole, type NamedHost, parseHost } from '@millrace/contracts';
import type { Links } from '@millrace/job-store';

/** Where a client reaches the API and the files: absolute, without a slash at the end. */
export interface Origins {
  readonly publicUrl: string;
  readonly storageUrl: string;
}

export interface HostSettings {
  /** Domains whose hosts name one another in links. */
  readonly domains: readonly string[];
  /** Believes X-Forwarded-Host, X-Forwarded-Proto and X-Forwarded-For; anybody can send them. */
  readonly trustProxy: boolean;
}

/** What is looked at of a request, be it one of HTTP or the handshake of a socket. */
export interface Incoming {
  readonly headers: IncomingHttpHeaders;
  readonly socket: object;
}

/** The host that a request came by. */
export interface RequestHost {
  /** Undefined for names that follow no pattern: they are served as `api` is. */
  readonly role: HostRole | undefined;
  /** Links as this client can follow them: on the hosts of the same domain, else on PUBLIC_URL. */
  readonly links: Links;
}

const AUTHORITY = /^([^:\s/?#@]+)(?::(\d{1,5}))?$/;
const LAST_PORT = 65_535;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' };

/** The first value of a header that proxies append to. */
const first = (header: string | string[] | undefined): string | undefined => [header].flat()[0]?.split(',')[0]?.trim();

const last = (header: string | string[] | undefined): string | undefined => [header].flat().at(-1)?.split(',').at(-1)?.trim();

function originsOf({ sandbox, domain }: NamedHost, scheme: string, port: string | undefined): Origins {
  const suffix = port === undefined || port === DEFAULT_PORTS[scheme] ? '' : `:${port}`;
  return { publicUrl: `${scheme}://api.${sandbox ? 'sandbox.' : ''}${domain}${suffix}`, storageUrl: `${scheme}://storage.${domain}${suffix}` };
}

/** Tells by which of the API's hosts requests come, and gives the links that lead back there. */
export class Hosts {
  /** @param linksAt makes links; without origins those on PUBLIC_URL. */
  constructor(
    private readonly settings: HostSettings,
    private readonly linksAt: (origins?: Origins) => Links,
  ) {}

  /** Never throws: a malformed Host header is the same as an unknown name. */
  of({ headers, socket }: Incoming): RequestHost {
    const { domains, trustProxy } = this.settings;
    const authority = (trustProxy ? first(headers['x-forwarded-host']) : undefined) ?? headers.host ?? '';
    const [, name = '', port] = AUTHORITY.exec(authority) ?? [];
    const named = Number(port ?? 0) > LAST_PORT ? undefined : parseHost(name, domains);
    if (!named || !domains.includes(named.domain)) return { role: named?.role, links: this.linksAt() };
    return { role: named.role, links: this.linksAt(originsOf(named, this.scheme(headers, socket), port)) };
  }

  /**
   * The address that the request came from: behind a proxy the one that the proxy nearest to us added, since those before it may be made up.
   * Empty when the connection is gone already.
   */
  addressOf({ headers, socket }: Incoming): string {
    const told = this.settings.trustProxy ? last(headers['x-forwarded-for']) : undefined;
    return told || ((socket as { remoteAddress?: string }).remoteAddress ?? '');
  }

  private scheme(headers: IncomingHttpHeaders, socket: object): string {
    const told = this.settings.trustProxy ? first(headers['x-forwarded-proto'])?.toLowerCase() : undefined;
    if (told === 'http' || told === 'https') return told;
    return (socket as { encrypted?: boolean }).encrypted === true ? 'https' : 'http';
  }
}
