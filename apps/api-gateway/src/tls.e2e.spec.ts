import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect } from 'node:tls';
import { createTestDatabase, ensureCertificates, type TestDatabase, TlsClient, type TlsFiles } from '@millrace/testing';
import { type RunningGateway, startGateway } from './testing/running-gateway';

const API = 'api.cloudconvert.com';

let folder: string;
let files: TlsFiles;
let database: TestDatabase;
let gateway: RunningGateway;
let ca: string;
let client: TlsClient;

const withTls = (): Record<string, string> => ({ TLS_PORT: '0', TLS_CERT_FILE: files.certificate, TLS_KEY_FILE: files.key });

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-tls-'));
  ({ files } = await ensureCertificates(path.join(folder, 'tls'), { domains: ['cloudconvert.com'], address: '127.0.0.1' }));
  ca = readFileSync(files.ca, 'utf8');
  database = await createTestDatabase();
  gateway = await startGateway(database.url, withTls());
  client = new TlsClient(gateway.tlsPort!, ca);
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** Everything that comes until the other side closes. */
const until = (socket: NodeJS.ReadWriteStream): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk))).on('error', () => undefined).on('close', () => resolve(text));
  });

it('serves the same API over TLS, headers spelled the classic way', async () => {
  const { key } = gateway;
  const created = await client.call(API, { method: 'POST', path: '/v2/jobs', key, body: { tasks: { up: { operation: 'import/upload' } } } });
  expect([created.status, created.headers['Content-Type']]).toEqual([201, expect.stringMatching(/^application\/json/)]);
  expect((await client.call(API, { path: `/v2/jobs/${created.json.data.id}`, key })).json.data.id).toBe(created.json.data.id);
  expect((await gateway.call('GET', `/v2/jobs/${created.json.data.id}`)).status).toBe(200);
  expect((await client.call(API, { path: '/v2/users/me' })).status).toBe(401);
  expect((await client.call(API, { path: '/nowhere', key })).json.code).toBe('NOT_FOUND');
});

it('is refused by clients that do not trust its authority', async () => {
  await expect(new TlsClient(gateway.tlsPort!, '').call(API, { path: '/health/live' })).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
});

it('answers what is no HTTP in JSON, what is no TLS with the end, and goes on', async () => {
  const socket = connect({ host: '127.0.0.1', port: gateway.tlsPort!, servername: API, ca });
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n');
  expect(await until(socket)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*\{"message":"[^"]+","code":"INVALID_DATA"\}$/);
  const plain = connectPlain({ host: '127.0.0.1', port: gateway.tlsPort! });
  plain.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(await until(plain)).not.toContain('live');
  expect((await client.call(API, { path: '/health/live' })).status).toBe(200);
});

it('stops at once, with idle connections and a waiting client', async () => {
  const other = await startGateway(database.url, withTls());
  const otherClient = new TlsClient(other.tlsPort!, ca);
  const agent = new Agent({ keepAlive: true });
  await new Promise((resolve, reject) =>
    get({ host: '127.0.0.1', port: other.tlsPort, servername: API, path: '/health/live', ca, agent }, (response) => response.resume().on('end', resolve)).on('error', reject),
  );
  const { id } = (await other.call('POST', '/v2/import/upload', {})).json.data;
  const waiting = otherClient.call(API, { path: `/v2/tasks/${id}/wait`, key: other.key });
  // A request that began later was answered, so the wait was heard before.
  await otherClient.call(API, { path: `/v2/tasks/${id}`, key: other.key });
  await other.stop();
  expect((await waiting).status).toBe(503);
  agent.destroy();
}, 20_000);
