import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { DEFAULT_DOMAIN, DOMAIN_NAME } from '@millrace/contracts';
import { MOST_GATEWAYS, MOST_OTHERS } from './ports';
import { SERVICES, type ServiceSpec } from './services';

/** Flags of the command line that have a variable beside them. */
export interface Flags {
  readonly port?: string;
  readonly host?: string;
  readonly dataDir?: string;
  readonly publicUrl?: string;
  readonly key?: string;
  readonly tls?: boolean;
  readonly tlsPort?: string;
  readonly tlsHost?: string;
  readonly tlsNames?: string;
  readonly scale?: readonly string[];
}

/** What one `up` shall start. */
export interface Settings {
  readonly checkout: string;
  readonly dataDir?: string;
  readonly port?: number;
  readonly host: string;
  readonly publicUrl?: string;
  readonly apiKey?: string;
  /** A port over TLS for clients with hard-coded hosts. */
  readonly tls?: { readonly port?: number; readonly host: string };
  /** Domains whose API hosts are served. */
  readonly domains: readonly string[];
  readonly services: readonly ServiceSpec[];
  /** Variables of `.env.example` that are set, for the services. */
  readonly passed: Readonly<Record<string, string>>;
}

/** A flag or variable with a value that makes no sense. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

type Variables = Readonly<Record<string, string | undefined>>;

/** The environment over the file `.env`. */
export function variablesOf(checkout: string, environment: Variables): Variables {
  const file = path.join(checkout, '.env');
  return { ...(existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}), ...environment };
}

const OWN = /^MILLRACE_|^(HOST|PUBLIC_URL)$/;

/** Names that `.env.example` documents for the services, set there or commented out. */
function documented(checkout: string): string[] {
  const text = readFileSync(path.join(checkout, '.env.example'), 'utf8');
  return [...text.matchAll(/^#?\s?([A-Z][A-Z0-9_]*)=/gm)].map((match) => match[1]!).filter((name) => !OWN.test(name));
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1024 || port > 65_000) throw new SettingsError(`--port=${text} (MILLRACE_PORT): a number from 1024 to 65000.`);
  return port;
}

function parseTlsPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw new SettingsError(`--tls-port=${text} (MILLRACE_TLS_PORT): a number from 1 to 65535.`);
  return port;
}

/** Whether `--tls` or its variable is given. @throws SettingsError when only flags that belong to it are. */
function wantsTls({ tls, tlsPort, tlsHost }: Flags, variables: Variables): boolean {
  const text = variables['MILLRACE_TLS'] ?? '';
  if (!/^(on|true|yes|1|off|false|no|0|)$/i.test(text)) throw new SettingsError(`MILLRACE_TLS=${text}: on or off.`);
  const wanted = tls ?? /^(on|true|yes|1)$/i.test(text);
  if (!wanted && (tlsPort ?? tlsHost) !== undefined) throw new SettingsError('--tls-port and --tls-host are of use with --tls only.');
  return wanted;
}

function parseDomains(text: string): string[] {
  const domains = [...new Set(text.toLowerCase().split(',').map((name) => name.trim()).filter(Boolean))];
  const wrong = domains.find((name) => !DOMAIN_NAME.test(name));
  if (domains.length === 0 || wrong !== undefined) throw new SettingsError(`--tls-names=${text} (HOST_NAMES): domains without "api.", separated by commas, such as ${DEFAULT_DOMAIN},convert.example.com.`);
  return domains;
}

function parsePublicUrl(text: string): string {
  const valid = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
  if (!valid || /\/v2\/?$/.test(text)) throw new SettingsError(`--public-url=${text} (PUBLIC_URL): an http or https URL without /v2, such as https://convert.example.com.`);
  return text.replace(/\/+$/, '');
}

function parseKey(text: string): string {
  if (!/^[\w.-]{16,200}$/.test(text)) throw new SettingsError('--key (MILLRACE_API_KEY): 16 to 200 letters, digits, ".", "_" or "-".');
  return text;
}

/** Counts by service name; `all` is applied first, whatever the order. */
function scaled(services: readonly ServiceSpec[], scale: readonly string[]): ServiceSpec[] {
  const names = services.map(({ name }) => name);
  const counts = new Map<string, number>();
  for (const part of scale.flatMap((text) => text.split(',')).map((text) => text.trim()).filter(Boolean)) {
    const [name = '', count = ''] = part.split('=');
    if (name !== 'all' && !names.includes(name)) throw new SettingsError(`--scale=${part} (MILLRACE_SCALE): unknown service "${name}", one of all, ${names.join(', ')}.`);
    if (!/^[1-9]\d?$/.test(count)) throw new SettingsError(`--scale=${part} (MILLRACE_SCALE): <service>=<number from 1 up>, such as ${name}=2.`);
    counts.set(name, Number(count));
  }
  const result = services.map((service) => ({ ...service, count: counts.get(service.name) ?? counts.get('all') ?? service.count }));
  const total = (gateway: boolean): number => result.filter((service) => (service.gateway ?? false) === gateway).reduce((sum, { count }) => sum + count, 0);
  if (total(true) > MOST_GATEWAYS) throw new SettingsError(`--scale: at most ${MOST_GATEWAYS} gateways.`);
  if (total(false) > MOST_OTHERS) throw new SettingsError(`--scale: at most ${MOST_OTHERS} processes beside the gateways.`);
  return result;
}

/** Flags win over variables, variables over `.env`. `services` is another set of services in tests. */
export function readSettings(checkout: string, flags: Flags, variables: Variables, services: readonly ServiceSpec[] = SERVICES): Settings {
  const set = (flag: string | undefined, name: string): string | undefined => flag ?? (variables[name] || undefined);
  const port = set(flags.port, 'MILLRACE_PORT');
  const publicUrl = set(flags.publicUrl, 'PUBLIC_URL');
  const apiKey = set(flags.key, 'MILLRACE_API_KEY');
  const names = set(flags.tlsNames, 'HOST_NAMES');
  const domains = parseDomains(names ?? DEFAULT_DOMAIN);
  const tlsPort = set(flags.tlsPort, 'MILLRACE_TLS_PORT');
  const tls = wantsTls(flags, variables) && { host: set(flags.tlsHost, 'MILLRACE_TLS_HOST') ?? '127.0.0.1', ...(tlsPort !== undefined && { port: parseTlsPort(tlsPort) }) };
  const passed = Object.fromEntries(documented(checkout).flatMap((name) => (variables[name] ? [[name, variables[name]]] : [])));
  const scale = flags.scale ?? (variables['MILLRACE_SCALE'] ? [variables['MILLRACE_SCALE']] : []);
  return {
    checkout,
    dataDir: set(flags.dataDir, 'MILLRACE_DATA_DIR'),
    port: port === undefined ? undefined : parsePort(port),
    host: set(flags.host, 'HOST') ?? '127.0.0.1',
    publicUrl: publicUrl === undefined ? undefined : parsePublicUrl(publicUrl),
    apiKey: apiKey === undefined ? undefined : parseKey(apiKey),
    ...(tls && { tls }),
    domains,
    services: scaled(services, scale),
    passed: names === undefined ? passed : { ...passed, HOST_NAMES: domains.join(',') },
  };
}
