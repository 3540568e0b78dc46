import type { TlsPlan } from './tls';

/** Names in one line of a hosts file. */
const PER_LINE = 4;

const isUnspecified = (host: string): boolean => host === '0.0.0.0' || host === '::';

/** Lines for a hosts file. */
export function hostsLines({ host, names }: Pick<TlsPlan, 'host' | 'names'>): string[] {
  const address = isUnspecified(host) ? '127.0.0.1' : host;
  const lines = Array.from({ length: Math.ceil(names.length / PER_LINE) }, (_, index) => names.slice(index * PER_LINE, (index + 1) * PER_LINE));
  return lines.map((line) => `${address} ${line.join(' ')}`);
}

/** What somebody has to do so that clients with hard-coded hosts find this installation and believe it. */
export function tlsAdvice({ port, host, files, names, not443 }: TlsPlan): string[] {
  return [
    `  TLS         ${host}:${port}, for clients with hard-coded hosts (docs/clients.md)`,
    ...(not443 === undefined ? [] : [`              Port 443 is not used: ${not443}. Clients that name no port need it; forward 443 to ${port}.`]),
    '',
    `  Lines for /etc/hosts where such clients run${isUnspecified(host) ? ', with the address of this machine' : ''}:`,
    '',
    ...hostsLines({ host, names }).map((line) => `    ${line}`),
    '',
    '  Variables that make them trust it:',
    '',
    `    NODE_EXTRA_CA_CERTS=${files.ca}`,
    ...['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'].map((name) => `    ${name}=${files.bundle}`),
  ];
}
