import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SUBJECTS } from '@millrace/contracts';
import { createTestDatabase, ensureCertificates, type RunningNats, startNats, type TestDatabase, type TlsAnswer, TlsClient } from '@millrace/testing';
import { PNG } from './testing/png';
import { type RunningGateway, startGateway } from './testing/running-gateway';
import { sendForm } from './testing/upload-form';

const API = 'api.cloudconvert.com';
const SYNC = 'sync.api.cloudconvert.com';
const PUBLIC = 'http://files.test';
const UPLOAD = { tasks: { up: { operation: 'import/upload' } } };
const FETCH_AND_EXPORT = { in: { operation: 'import/url', url: 'http://invalid.url' }, out: { operation: 'export/url', input: 'in' } };

let folder: string;
let nats: RunningNats;
let database: TestDatabase;
let gateway: RunningGateway;
let client: TlsClient;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-hosts-'));
  const { files } = await ensureCertificates(path.join(folder, 'tls'), { domains: ['cloudconvert.com'], address: '127.0.0.1' });
  nats = await startNats({ storeDir: path.join(folder, 'nats') });
  database = await createTestDatabase();
  gateway = await startGateway(database.url, { NATS_URL: nats.url, TLS_PORT: '0', TLS_CERT_FILE: files.certificate, TLS_KEY_FILE: files.key, MAX_LARGE_BODIES: '1' });
  client = new TlsClient(gateway.tlsPort!, readFileSync(files.ca, 'utf8'));
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await database.drop();
  await nats.stop();
  rmSync(folder, { recursive: true, force: true });
});

const get = (host: string, at: string): Promise<TlsAnswer> => client.call(host, { path: at, key: gateway.key });
const post = (host: string, at: string, body: unknown): Promise<TlsAnswer> => client.call(host, { method: 'POST', path: at, key: gateway.key, body });
const refusal = ({ status, json }: TlsAnswer): unknown[] => [status, json.code, json.errors];
const NO_EXPORT = { redirect: ['A redirect leads to the first file of a task with the operation export/url, and there is none.'] };

/** The id of the job with this tag, once there is one. */
async function idOf(tag: string): Promise<string> {
  for (;;) {
    const [job] = (await gateway.call('GET', `/v2/jobs?filter[tag]=${tag}`)).json.data;
    if (job) return job.id;
  }
}

/** Plays the relay's part, which runs elsewhere: notices of an end until `answer` has come. A subscription may come after a first notice. */
async function withNotices<T>(account: number, stream: string, answer: Promise<T>): Promise<T> {
  const tell = setInterval(() => gateway.stores.bus.publish(SUBJECTS.event('JobFinished', account, stream), {}), 20);
  return answer.finally(() => clearInterval(tell));
}

describe('links', () => {
  const hosted = (host: string): string => (host.includes('sandbox') ? 'https://api.sandbox.cloudconvert.com' : 'https://api.cloudconvert.com');

  it.each([API, SYNC, 'eu-central.api.cloudconvert.com', 'us-east.sync.api.cloudconvert.com', 'api.sandbox.cloudconvert.com', 'sync.api.sandbox.cloudconvert.com'])('of a client of %s lead to its api and storage hosts', async (host) => {
    const { status, json } = await post(host, '/v2/jobs', UPLOAD);
    const [task] = json.data.tasks;
    expect([status, json.data.links.self, task.links.self, task.result.form.url]).toEqual([201, `${hosted(host)}/v2/jobs/${json.data.id}`, `${hosted(host)}/v2/tasks/${task.id}`, 'https://storage.cloudconvert.com/storage/tasks']);
    expect((await get(host, '/v2/users/me')).json.data.links.self).toMatch(new RegExp(`^${hosted(host)}/v2/users/`));
    expect((await get(host, '/v2/jobs?per_page=1')).json.links.first).toMatch(new RegExp(`^${hosted(host)}/v2/jobs\\?`));
  });

  it('keep the port that the client names, and its scheme', async () => {
    const { json } = await post(`${API}:8443`, '/v2/import/upload', {});
    expect([json.data.links.self, json.data.result.form.url]).toEqual([`https://${API}:8443/v2/tasks/${json.data.id}`, 'https://storage.cloudconvert.com:8443/storage/tasks']);
    const plain = await raw(`GET /v2/tasks/${json.data.id} HTTP/1.1\r\nHost: ${API}\r\nAuthorization: Bearer ${gateway.key}\r\nConnection: close\r\n\r\n`);
    expect(plain).toContain('"url":"http://storage.cloudconvert.com/storage/tasks"');
  });

  it('are those of PUBLIC_URL for everybody else, and the two work on either side', async () => {
    const { json } = await post('localhost', '/v2/jobs', UPLOAD);
    expect([json.data.links.self, json.data.tasks[0].result.form.url]).toEqual([`${PUBLIC}/v2/jobs/${json.data.id}`, `${PUBLIC}/storage/tasks`]);
    const { form } = (await get(API, `/v2/jobs/${json.data.id}`)).json.data.tasks[0].result;
    expect(form.parameters).toEqual(json.data.tasks[0].result.form.parameters);
    expect((await sendForm(gateway.url, form, PNG)).status).toBe(201);
  });
});

/** One plain HTTP request as bytes; all that came until the gateway closed. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk) => (text += chunk)).on('error', () => undefined).on('close', () => resolve(text));
    socket.write(bytes, 'latin1');
  });
}

it.each(['', ' ', 'a b', '[', '[::1]:x', '../../etc', 'api.cloudconvert.com:99999', 'evil@api.cloudconvert.com', '%00', '\xff\xfe', `${'a.'.repeat(3_000)}api.cloudconvert.com`, 'http://api.cloudconvert.com', '__proto__', 'constructor.api'])(
  'never fails over the Host header %j',
  async (host) => {
    const answer = await raw(`POST /v2/import/upload HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${gateway.key}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 (201|400) /);
    if (answer.startsWith('HTTP/1.1 201')) expect(answer).toContain(`"links":{"self":"${PUBLIC}/v2/tasks/`);
  },
);

describe('the sync host', () => {
  it.each([SYNC, 'sync.api.sandbox.cloudconvert.com', 'eu-central.sync.api.cloudconvert.com', 'sync.api.some.test'])('%s answers once a job or task has ended', async (host) => {
    const job = (await post(API, '/v2/jobs', UPLOAD)).json.data;
    // The certificate covers no name of some.test.
    const ask = (at: string): Promise<{ status: number; json: any }> => (host.endsWith('.test') ? overPlainHttp(host, at) : get(host, at));
    const waits = Promise.all([ask(`/v2/jobs/${job.id}`), ask(`/v2/tasks/${job.tasks[0].id}`)]);
    expect((await get(API, `/v2/jobs/${job.id}`)).json.data.status).toBe('waiting');
    expect((await sendForm(gateway.url, job.tasks[0].result.form, PNG)).status).toBe(201);
    const [ended, task] = await withNotices(job.tasks[0].user_id, job.id, waits);
    expect([ended.status, ended.json.data.status, task.status, task.json.data.status]).toEqual([200, 'finished', 200, 'finished']);
  });

  it('makes and waits, with 201, and says its charset', async () => {
    const raw = await post(SYNC, '/v2/import/raw', { file: 'text', filename: 'a.txt' });
    expect([raw.status, raw.json.data.status, raw.headers['Content-Type']]).toEqual([201, 'finished', 'application/json; charset=utf-8']);
    const tag = 'sync-create';
    const made = post(SYNC, '/v2/jobs', { tag, tasks: FETCH_AND_EXPORT });
    const id = await idOf(tag);
    const [task] = (await get(API, `/v2/jobs/${id}`)).json.data.tasks;
    expect((await post(API, `/v2/tasks/${task.id}/cancel`, {})).status).toBe(200);
    const answer = await withNotices(task.user_id, id, made);
    expect([answer.status, answer.json.data.id, answer.json.data.status]).toEqual([201, id, 'error']);
  });

  it('is there by a path too, for clients that know one name only', async () => {
    const { id, tasks } = (await post(API, '/v2/jobs', UPLOAD)).json.data;
    const waiting = gateway.call('GET', `/sync/v2/jobs/${id}`);
    const open = await gateway.call('GET', `/v2/jobs/${id}`);
    expect((await sendForm(gateway.url, tasks[0].result.form, PNG)).status).toBe(201);
    const ended = await withNotices(tasks[0].user_id, id, waiting);
    expect([open.json.data.status, ended.json.data.status, ended.json.data.links.self]).toEqual(['waiting', 'finished', `${PUBLIC}/v2/jobs/${id}`]);
    expect((await gateway.call('POST', '/sync/v2/import/raw', { file: 'text', filename: 'a.txt' })).json.data.status).toBe('finished');
    for (const at of ['/sync', '/sync/', '/sync/v2', '/sync/v1/jobs', '/sync/sync/v2/jobs', '/sync/storage/tasks', '/syncv2/jobs']) expect([at, (await gateway.call('GET', at)).status]).toEqual([at, 404]);
  });

  it('answers at once what waits for an upload that its answer makes possible', async () => {
    const answer = await post(SYNC, '/v2/jobs', { tasks: { ...UPLOAD.tasks, out: { operation: 'export/url', input: 'up' } }, redirect: true });
    expect([answer.status, answer.json.data.tasks[0].result.form.url]).toEqual([201, 'https://storage.cloudconvert.com/storage/tasks']);
    expect((await post(SYNC, '/v2/import/upload', {})).json.data.status).toBe('waiting');
  });

  it('says that a job was deleted meanwhile, and nothing of what is not there or is somebody else\'s', async () => {
    const { id, tasks } = (await post(API, '/v2/jobs', UPLOAD)).json.data;
    const waiting = get(SYNC, `/v2/jobs/${id}`);
    expect((await gateway.call('DELETE', `/v2/jobs/${id}`)).status).toBe(204);
    expect((await withNotices(tasks[0].user_id, id, waiting)).status).toBe(404);
    const other = await gateway.newKey({ email: 'other@millrace.test' });
    const { id: foreign } = (await post(API, '/v2/jobs', UPLOAD)).json.data;
    const [theirs, nobodys] = await Promise.all([client.call(SYNC, { path: `/v2/jobs/${foreign}`, key: other }), client.call(SYNC, { path: `/v2/jobs/${id}`, key: other })]);
    expect([theirs.status, theirs.text]).toEqual([404, nobodys.text]);
  });

  it('holds no large body while it waits', async () => {
    const raw = { operation: 'import/raw', file: 'x'.repeat(3_000_000), filename: 'big.txt' };
    const gone = new AbortController();
    const waiting = client.call(SYNC, { method: 'POST', path: '/v2/jobs', key: gateway.key, body: { tag: 'large', tasks: { raw, ...FETCH_AND_EXPORT } }, signal: gone.signal });
    waiting.catch(() => undefined);
    await idOf('large');
    // The job can be seen a moment before its body is forgotten.
    while ((await post(API, '/v2/import/raw', raw)).status !== 201);
    gone.abort();
    await expect(waiting).rejects.toThrow('aborted');
  });

  it('forgets the wait of a client that has gone', async () => {
    const { id, tasks } = (await post(API, '/v2/jobs', UPLOAD)).json.data;
    const subject = SUBJECTS.eventsOfJob(tasks[0].user_id, id);
    const subscribe = gateway.stores.bus.subscribe.bind(gateway.stores.bus);
    const gone = new AbortController();
    await new Promise<void>((resolve) => {
      jest.spyOn(gateway.stores.bus, 'subscribe').mockImplementation((...args: Parameters<typeof subscribe>) => {
        const subscription = subscribe(...args);
        if (args[0] !== subject) return subscription;
        gone.abort();
        return Object.assign(Object.create(subscription), { stop: () => (subscription.stop(), resolve()) });
      });
      client.call(SYNC, { path: `/v2/jobs/${id}`, key: gateway.key, signal: gone.signal }).catch((error: Error) => expect(error.name).toBe('AbortError'));
    });
    jest.restoreAllMocks();
  });
});

/** A request with a Host header of its own. */
async function overPlainHttp(host: string, at: string): Promise<{ status: number; json: any }> {
  const answer = await raw(`GET ${at} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${gateway.key}\r\nConnection: close\r\n\r\n`);
  return { status: Number(answer.slice(9, 12)), json: JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) };
}

describe('redirect', () => {
  it('is refused before anything is made when nothing is exported', async () => {
    expect(refusal(await post(SYNC, '/v2/jobs', { tag: 'no-export', ...UPLOAD, redirect: true }))).toEqual([422, 'INVALID_DATA', NO_EXPORT]);
    expect(refusal(await post(SYNC, '/v2/jobs', { tag: 'no-export', tasks: FETCH_AND_EXPORT, redirect: 'maybe' }))).toEqual([422, 'INVALID_DATA', { redirect: ['The redirect field must be true or false.'] }]);
    expect((await gateway.call('GET', '/v2/jobs?filter[tag]=no-export')).json.data).toEqual([]);
  });

  it('is of the sync host when something is made; a read may ask for it anywhere', async () => {
    const job = (await post(API, '/v2/jobs', { ...UPLOAD, redirect: true })).json.data;
    expect(job.status).toBe('waiting');
    for (const host of [API, SYNC]) {
      expect(refusal(await get(host, `/v2/jobs/${job.id}?redirect=true`))).toEqual([422, 'INVALID_DATA', NO_EXPORT]);
      expect(refusal(await get(host, `/v2/tasks/${job.tasks[0].id}?redirect=1`))).toEqual([422, 'INVALID_DATA', NO_EXPORT]);
    }
    expect((await get(API, `/v2/jobs/${job.id}?redirect=`)).status).toBe(200);
    expect((await get(API, `/v2/jobs/${job.id}?redirect=no`)).status).toBe(422);
  });

  it('shows an open job as it is, and says why a failed one has no file', async () => {
    const { id, tasks } = (await post(API, '/v2/jobs', { tasks: FETCH_AND_EXPORT })).json.data;
    const open = await get(API, `/v2/jobs/${id}?redirect=true`);
    expect([open.status, open.json.data.status]).toEqual([200, 'waiting']);
    await post(API, `/v2/tasks/${tasks[0].id}/cancel`, {});
    expect(refusal(await get(SYNC, `/v2/jobs/${id}?redirect=true`))).toEqual([422, 'INVALID_DATA', { redirect: [expect.stringMatching(/^There is no file: the task in has failed with CANCELLED: /)] }]);
  });
});
