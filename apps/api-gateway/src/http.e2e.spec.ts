import { request } from 'node:http';
import { connect } from 'node:net';
import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import { type RunningGateway, startGateway } from './testing/running-gateway';

let database: TestDatabase;
let gateway: RunningGateway;
beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startGateway(database.url, { MAX_LARGE_BODIES: '1' });
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await database.drop();
});

const UNAUTHENTICATED = '{"message":"Unauthenticated.","code":"UNAUTHENTICATED"}';

/** Sends bytes as they are and answers what came until the connection closed. */
const raw = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let got = '';
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1', () => socket.write(text));
    socket.setEncoding('latin1').on('data', (chunk) => (got += chunk)).on('close', () => resolve(got)).on('error', reject);
  });

describe('access', () => {
  it('answers a missing, a malformed and a wrong key with the same 401', async () => {
    const headers = [{}, { Authorization: 'Bearer' }, { Authorization: 'Basic eDp5' }, { Authorization: `Bearer mr_aaaaaaaa_${'A'.repeat(43)}` }, { Authorization: 'Bearer x' }];
    for (const one of headers) {
      const answer = await gateway.call('GET', '/v2/users/me', undefined, { key: null, headers: one as Record<string, string> });
      expect([answer.status, answer.text]).toEqual([401, UNAUTHENTICATED]);
    }
  });

  it('asks for the scope of the route', async () => {
    const reader = await gateway.newKey({ scopes: ['task.read'] });
    const answers = await Promise.all([gateway.call('POST', '/v2/jobs', {}, { key: reader }), gateway.call('GET', '/v2/users/me', undefined, { key: reader })]);
    for (const { status, json } of answers) expect([status, json.code]).toEqual([403, 'FORBIDDEN']);
    expect((await gateway.call('GET', '/v2/jobs/x', undefined, { key: reader })).status).toBe(404);
  });

  it('opens health to anybody', async () => {
    const ready = await gateway.call('GET', '/health/ready', undefined, { key: null });
    expect([ready.status, ready.json]).toEqual([200, { status: 'ready', postgres: 'connected', nats: 'disconnected' }]);
    expect((await gateway.call('GET', '/health/live', undefined, { key: null })).status).toBe(200);
  });
});

describe('errors of the framework', () => {
  it.each([
    ['GET', '/nowhere', undefined, 404, 'NOT_FOUND'],
    ['POST', '/v2/no/such/operation', '{}', 404, 'NOT_FOUND'],
    ['PUT', '/v2/jobs', '{}', 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/v2/convert', undefined, 405, 'METHOD_NOT_ALLOWED'],
    ['POST', '/v2/jobs', '{"tasks":', 422, 'INVALID_DATA'],
    ['POST', '/v2/jobs', '[]', 422, 'INVALID_DATA'],
    ['POST', '/v2/import/url', '"x"', 422, 'INVALID_DATA'],
    ['POST', '/v2/jobs', `{"tasks":${'['.repeat(40)}${']'.repeat(40)}}`, 422, 'INVALID_DATA'],
    ['POST', '/v2/jobs', '{"tasks":{"a":{"operation":"import/url","\\u005f_proto__":{}}}}', 422, 'INVALID_DATA'],
    ['POST', '/v2/jobs', `{"tasks":{${Array.from({ length: 501 }, (_, i) => `"t${i}":{"operation":"import/upload"}`).join()}}}`, 422, 'INVALID_DATA'],
    ['POST', '/v2/jobs', `{"tasks":{"a":{"operation":"import/upload"}},"tag":"${'x'.repeat(1_100_000)}"}`, 413, 'PAYLOAD_TOO_LARGE'],
    ['POST', '/v2/import/url', `{"url":"${'x'.repeat(1_100_000)}"}`, 413, 'PAYLOAD_TOO_LARGE'],
    ['POST', '/v2/jobs', `{"x":"${'x'.repeat(17_000_000)}"}`, 413, 'PAYLOAD_TOO_LARGE'],
  ])('%s %s %.60s', async (method, at, body, status, code) => {
    const answer = await gateway.call(method, at, undefined, body === undefined ? {} : { raw: body });
    expect([answer.status, answer.json.code, typeof answer.json.message]).toEqual([status, code, 'string']);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  });

  it('takes a request without a body whatever content type it names, as axios sends it', async () => {
    const { id } = (await gateway.call('POST', '/v2/import/upload', {})).json.data;
    const answer = await gateway.call('POST', `/v2/tasks/${id}/cancel`, undefined, { raw: '', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
    expect([answer.status, answer.json.data?.code]).toEqual([200, 'CANCELLED']);
  });

  it('answers another content type with 415 and a malformed path with 4xx, as JSON', async () => {
    const answer = await gateway.call('POST', '/v2/jobs', undefined, { raw: 'a=b', headers: { 'Content-Type': 'text/plain' } });
    expect([answer.status, answer.json.code]).toEqual([415, 'INVALID_DATA']);
    const malformed = await gateway.call('GET', '/v2/jobs/%zz');
    expect(malformed.status).toBeGreaterThanOrEqual(400);
    expect(malformed.status).toBeLessThan(500);
    expect(malformed.json).toEqual({ message: expect.any(String), code: expect.any(String) });
  });

  it('takes a POST without body and type, and nonsense in Accept-Encoding', async () => {
    const answer = await raw(`POST /v2/import/upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Encoding: application/json\r\nContent-Length: 0\r\nAuthorization: Bearer ${gateway.key}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 201 Created\r\n/);
    expect(answer).toContain('\r\nContent-Type: application/json');
    expect(await raw('GET /v2/users/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
  });

  it('answers what is no HTTP request in JSON too', async () => {
    const answer = await raw('GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*\r\n\r\n\{"message":"[^"]+","code":"INVALID_DATA"\}$/);
  });

  it('is open to browsers', async () => {
    const preflight = await gateway.call('OPTIONS', '/v2/jobs', undefined, {
      key: null,
      headers: { Origin: 'https://app.test', 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'authorization,content-type' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
    const refused = await gateway.call('GET', '/v2/users/me', undefined, { key: null, headers: { Origin: 'https://app.test' } });
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
  });
});

describe('large bodies', () => {
  const content = JSON.stringify({ file: 'x'.repeat(3_000_000), filename: 'big.txt' });

  it('reads none of a stranger', async () => {
    const answer = await gateway.call('POST', '/v2/import/raw', undefined, { raw: content, key: null });
    expect([answer.status, answer.text]).toEqual([401, UNAUTHENTICATED]);
  });

  it('takes content above 1 MB, but only so many at once', async () => {
    expect((await gateway.call('POST', '/v2/import/raw', undefined, { raw: content })).json.data.result.files[0].size).toBe(3_000_000);
    const held = request(`${gateway.url}/v2/import/raw`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${gateway.key}`, 'Content-Type': 'application/json', 'Content-Length': content.length, Expect: '100-continue' },
    });
    const first = new Promise<number>((resolve, reject) => held.on('response', (response) => resolve(response.resume().statusCode!)).on('error', reject));
    await new Promise<void>((resolve) => {
      held.once('continue', resolve).flushHeaders();
    });
    held.write(content.slice(0, 2_000_000));
    const second = await gateway.call('POST', '/v2/import/raw', undefined, { raw: content });
    expect([second.status, second.json.code, second.headers.get('retry-after')]).toEqual([503, 'SERVICE_UNAVAILABLE', '2']);
    held.end(content.slice(2_000_000));
    expect(await first).toBe(201);
    expect((await gateway.call('POST', '/v2/import/raw', undefined, { raw: content })).status).toBe(201);
  });
});

it('answers 503 with Retry-After while Postgres is away', async () => {
  const away = await startGateway('postgres://nobody:x@127.0.0.1:9/none', {}, false);
  try {
    const answer = await away.call('POST', '/v2/jobs', { tasks: { a: { operation: 'import/upload' } } });
    expect([answer.status, answer.json.code, answer.headers.get('retry-after')]).toEqual([503, 'SERVICE_UNAVAILABLE', '2']);
    expect((await away.call('GET', '/health/ready')).status).toBe(503);
    expect((await away.call('GET', '/health/live')).status).toBe(200);
  } finally {
    await away.stop();
  }
});
