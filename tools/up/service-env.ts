import type { DataDir } from './data-dir';
import type { EngineVersions } from './engine-versions';
import type { Ports } from './ports';
import type { ServiceSpec } from './services';
import type { Settings } from './settings';
import type { State } from './state';
import type { TlsPlan } from './tls';

/** Folders of the native tools, which an ordinary user's PATH lacks in part. */
export const TOOL_PATH = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;

/** What every process may know of the machine; nothing else of our environment is handed on. */
const machine = (): NodeJS.ProcessEnv => {
  const names = ['HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
  const set = names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  return { ...Object.fromEntries(set), PATH: TOOL_PATH };
};

export interface ServicePlace {
  readonly index: number;
  readonly port: number;
}

export interface Installation {
  readonly settings: Settings;
  readonly engineVersions: EngineVersions;
  readonly state: State;
  readonly dataDir: DataDir;
  readonly ports: Ports;
  readonly postgresUrl: string;
  readonly natsUrl: string;
  /** Without `/v2`. */
  readonly baseUrl: string;
  readonly publicUrl: string;
  /** When clients with hard-coded hosts are served. */
  readonly tls?: TlsPlan;
}

/** One process owns the port: the first gateway. */
const tlsVariables = ({ port, host, files }: TlsPlan): NodeJS.ProcessEnv => ({ TLS_PORT: String(port), TLS_HOST: host, TLS_CERT_FILE: files.certificate, TLS_KEY_FILE: files.key });

const OF_BLOB_STORE = /^(BLOB_STORE|S3_\w+)$/;

/** What the settings hand on: the keys of the blob store only to those that open it. */
const passedTo = ({ blobs }: ServiceSpec, passed: Settings['passed']): NodeJS.ProcessEnv => Object.fromEntries(Object.entries(passed).filter(([name]) => blobs || !OF_BLOB_STORE.test(name)));

/** The environment of one process of a service: what it needs and no other secret. */
export function serviceEnv(service: ServiceSpec, { index, port }: ServicePlace, { settings, state, dataDir, postgresUrl, natsUrl, publicUrl, tls }: Installation): NodeJS.ProcessEnv {
  return {
    ...machine(),
    ...passedTo(service, settings.passed),
    NODE_ENV: 'production',
    SERVICE_NAME: service.name,
    INSTANCE: String(index),
    PORT: String(port),
    HOST: service.gateway ? settings.host : '127.0.0.1',
    NATS_URL: natsUrl,
    NATS_USER: service.natsUser,
    NATS_PASSWORD: state.natsPasswords[service.natsUser],
    SCRATCH_DIR: dataDir.scratch,
    PUBLIC_URL: publicUrl,
    ...(service.blobs ? { BLOB_DIR: dataDir.blobs } : {}),
    ...(service.database ? { DATABASE_URL: postgresUrl } : {}),
    ...(service.masterKey ? { MASTER_KEY: state.masterKey } : {}),
    ...(service.gateway && index === 0 && tls ? tlsVariables(tls) : {}),
    ...(service.signing ? { URL_SIGNING_SECRET: state.urlSigningSecret } : {}),
  };
}
