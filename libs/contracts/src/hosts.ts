/** What a host of the API is for; contract §1.1. Every host serves every path: only `sync` changes how a request is answered. */
export type HostRole = 'api' | 'sync' | 'socketio' | 'storage' | 'signed';

/** A host name that follows the pattern of the API's hosts, read from its first labels. */
export interface NamedHost {
  readonly role: HostRole;
  readonly sandbox: boolean;
  /** Pins a region: accepted, and without effect so far. */
  readonly region?: string;
  /** What is left behind the labels that were read; empty when nothing is. */
  readonly domain: string;
}

/** The domain that clients have hard-coded. */
export const DEFAULT_DOMAIN = 'cloudconvert.com';

const REGIONS = ['eu-central', 'us-east'];

/** A DNS name in lower case, of one label or more. */
export const DOMAIN_NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** The names of the API's hosts under a domain, as a hosts file needs them: without patterns. */
export const hostNames = (domain: string): string[] =>
  [
    'api',
    'sync.api',
    ...REGIONS.flatMap((region) => [`${region}.api`, `${region}.sync.api`]),
    'api.sandbox',
    'sync.api.sandbox',
    'socketio',
    'socketio.sandbox',
    'storage',
    'upload',
    'upload.sandbox',
    's',
  ].map((labels) => `${labels}.${domain}`);

/** The same as names of a certificate: `*` stands for one label. */
export const hostPatterns = (domain: string): string[] => ['', '*.', '*.api.', '*.sync.api.', '*.sandbox.', '*.api.sandbox.'].map((labels) => labels + domain);

const ONE_LABEL: ReadonlyMap<string, HostRole> = new Map([['socketio', 'socketio'], ['storage', 'storage'], ['upload', 'storage'], ['s', 'signed'], ['api', 'api']]);

/** Role, region and how many labels they take. The first label decides where it can: `storage.api.example.com` is a storage host. */
function roleOf([first = '', second, third]: readonly string[]): { role: HostRole; region?: string; taken: number } | undefined {
  if (first === 'sync' && second === 'api') return { role: 'sync', taken: 2 };
  const role = ONE_LABEL.get(first);
  if (role !== undefined) return { role, taken: 1 };
  if (second === 'sync' && third === 'api') return { role: 'sync', region: first, taken: 3 };
  return second === 'api' ? { role: 'api', region: first, taken: 2 } : undefined;
}

/**
 * Reads a host name without its port. `domains` are those that are served: a domain of theirs that begins with `sandbox` is no sandbox.
 * Undefined for a name that follows no pattern, and for what is no DNS name at all.
 */
export function parseHost(name: string, domains: readonly string[]): NamedHost | undefined {
  const plain = name.toLowerCase().replace(/\.$/, '');
  if (!DOMAIN_NAME.test(plain)) return undefined;
  const labels = plain.split('.');
  const found = roleOf(labels);
  if (!found) return undefined;
  const { role, region, taken } = found;
  const rest = labels.slice(taken);
  const sandbox = rest[0] === 'sandbox' && !domains.includes(rest.join('.'));
  return { role, sandbox, ...(region !== undefined && { region }), domain: rest.slice(sandbox ? 1 : 0).join('.') };
}
