import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PostgresAccounts, type Stores } from '@millrace/access';
import { createGateway } from '@millrace/api-v2';
import { loadConfig } from '@millrace/config';
import { type Scope, SCOPES } from '@millrace/contracts';
import { createLogger } from '@millrace/telemetry';
import { environment } from '../environment';
import { gatewayParts } from '../gateway-parts';
import { openPorts } from '../listening';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Any: tests look into bodies of every shape. */
  readonly json: any;
}

/** A gateway on a port of its own, over a database and a blob folder of its own. */
export interface RunningGateway {
  readonly url: string;
  /** Of the server over TLS, when the environment asks for one. */
  readonly tlsPort: number | undefined;
  readonly blobDir: string;
  readonly stores: Stores;
  readonly key: string;
  newKey(options?: { email?: string; scopes?: readonly Scope[] }): Promise<string>;
  /** A JSON request; `key: null` sends none. */
  call(method: string, path: string, body?: unknown, options?: { key?: string | null; headers?: Record<string, string>; raw?: string | Buffer }): Promise<Answer>;
  stop(): Promise<void>;
}

/** Starts one over an empty database. `over` are more variables of its environment. Without `databaseIsThere` nobody has a key. */
export async function startGateway(databaseUrl: string, over: Record<string, string> = {}, databaseIsThere = true): Promise<RunningGateway> {
  const blobDir = await mkdtemp(path.join(tmpdir(), 'millrace-gateway-'));
  const env = loadConfig(environment, {
    PORT: '0',
    DATABASE_URL: databaseUrl,
    NATS_URL: 'nats://127.0.0.1:9',
    BLOB_DIR: blobDir,
    PUBLIC_URL: 'http://files.test',
    MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    URL_SIGNING_SECRET: 'a secret for tests only',
    FAULT_ENGINE: 'on',
    LOG_LEVEL: 'silent',
    ...over,
  });
  const parts = await gatewayParts(env, createLogger({ service: 'api-gateway', level: env.LOG_LEVEL }));
  const app = await createGateway(parts);
  const [plain, secure] = (await openPorts(app, env)).map((server) => (server.address() as AddressInfo).port);
  const url = `http://127.0.0.1:${plain}`;
  const accounts = new PostgresAccounts(parts.stores.database);
  const newKey = async ({ email = 'first@millrace.test', scopes = SCOPES }: { email?: string; scopes?: readonly Scope[] } = {}): Promise<string> =>
    (await accounts.createKey({ account: await accounts.ensureAccount(email, 'tester'), name: 'test', scopes })).secret;
  const key = databaseIsThere ? await newKey() : 'unknown';
  return {
    url,
    tlsPort: secure,
    blobDir,
    stores: parts.stores,
    key,
    newKey,
    async call(method, at, body, { key: own = key, headers = {}, raw } = {}) {
      const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
      const response = await fetch(url + at, {
        method,
        redirect: 'manual',
        headers: { ...(own !== null && { Authorization: `Bearer ${own}` }), ...(sent !== undefined && { 'Content-Type': 'application/json' }), ...headers },
        ...(sent !== undefined && { body: sent }),
      });
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.includes('json') === true;
      return { status: response.status, headers: response.headers, text, json: isJson && text !== '' ? JSON.parse(text) : undefined };
    },
    async stop() {
      await app.close();
      await rm(blobDir, { recursive: true, force: true });
    },
  };
}
