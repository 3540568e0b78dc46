import { readFileSync } from 'node:fs';
import CloudConvert from 'cloudconvert';
import { type TlsAnswer, TlsClient } from '../testing';
import { type Stack, startStack } from '../testing/stack';
import { png } from './images';

const API = 'api.cloudconvert.com';
const SYNC = 'sync.api.cloudconvert.com';

let stack: Stack;
let client: TlsClient;
let port: string;

beforeAll(async () => {
  stack = await startStack({ tls: true });
  const { tls } = stack.at;
  client = new TlsClient(tls!.port, readFileSync(tls!.ca, 'utf8'), tls!.host);
  // Clients name a port that is not the one of https.
  port = tls!.port === 443 ? '' : `:${tls!.port}`;
}, 120_000);
afterAll(() => stack?.stop(), 120_000);

const call = (method: string, host: string, path: string, body?: unknown): Promise<TlsAnswer> => client.call(host + port, { method, path, key: stack.apiKey, body });

const conversion = async (): Promise<object> => ({
  in: { operation: 'import/base64', file: (await png()).toString('base64'), filename: 'in.png' },
  convert: { operation: 'convert', input: 'in', output_format: 'webp' },
  out: { operation: 'export/url', input: 'convert' },
});

/** The file behind a URL, asked for at the host that the URL names. */
async function download(url: string): Promise<{ status: number; type: string }> {
  const { host, pathname, search } = new URL(url);
  const { status, body } = await client.call(host, { path: pathname + search });
  return { status, type: body.subarray(8, 12).toString('latin1') };
}

it('a job made on the sync host is answered finished, with links that lead back through the same port', async () => {
  const { status, json } = await call('POST', SYNC, '/v2/jobs', { tasks: await conversion() });
  expect([status, json.data.status]).toEqual([201, 'finished']);
  const { url } = json.data.tasks.find(({ name }: { name: string }) => name === 'out').result.files[0];
  expect(url).toMatch(new RegExp(`^https://storage\\.cloudconvert\\.com${port}/`));
  expect(await download(url)).toEqual({ status: 200, type: 'WEBP' });
  const elsewhere = await stack.api.get(json.data.id);
  const publicUrl = elsewhere.tasks.find(({ name }) => name === 'out')!.result!.files![0]!.url!;
  expect(publicUrl).toMatch(new RegExp(`^${stack.baseUrl}/`));
  expect(new URL(publicUrl).search).toBe(new URL(url).search);
});

it('redirect leads to the file, when the job is made and when it is read', async () => {
  const made = await call('POST', SYNC, '/v2/jobs', { tasks: await conversion(), redirect: true });
  expect([made.status, made.text, made.headers['Content-Type']]).toEqual([302, '', undefined]);
  expect(await download(made.headers['Location']!)).toEqual({ status: 200, type: 'WEBP' });
  const { id } = (await call('POST', API, '/v2/jobs', { tasks: await conversion() })).json.data;
  const read = await call('GET', SYNC, `/v2/jobs/${id}?redirect=true`);
  expect(read.status).toBe(302);
  expect(await download(read.headers['Location']!)).toEqual({ status: 200, type: 'WEBP' });
  const [task] = (await call('GET', API, `/v2/tasks?filter[job_id]=${id}&filter[operation]=export/url`)).json.data;
  expect((await call('GET', API, `/v2/tasks/${task.id}?redirect=true`)).headers['Location']).toBe(read.headers['Location']);
});

it('a task waits for its work there too', async () => {
  const { id } = (await call('POST', API, '/v2/import/base64', { file: (await png()).toString('base64'), filename: 'in.png' })).json.data;
  const { status, json } = await call('POST', 'eu-central.sync.api.cloudconvert.com', '/v2/convert', { input: id, output_format: 'jpg' });
  expect([status, json.data.status, json.data.result.files[0].filename]).toEqual([201, 'finished', 'in.jpg']);
});

/** As docs/clients.md shows it: the SDK by a base URL, without TLS and hosts file. */
class ByBaseUrl extends CloudConvert {
  override callWithBase(...[base, ...rest]: Parameters<CloudConvert['callWithBase']>): ReturnType<CloudConvert['callWithBase']> {
    const { hostname } = new URL(base);
    if (!hostname.endsWith('.cloudconvert.com')) return super.callWithBase(base, ...rest);
    return super.callWithBase(`${stack.baseUrl}${hostname.includes('sync.') ? '/sync' : ''}/v2/`, ...rest);
  }
}

it('the Node SDK works by the base URL too', async () => {
  const api = new ByBaseUrl(stack.apiKey);
  const job = await api.jobs.create({ tasks: { in: { operation: 'import/upload' }, convert: { operation: 'convert', input: 'in', output_format: 'webp' }, out: { operation: 'export/url', input: 'convert' } } });
  await api.tasks.upload(job.tasks.find(({ name }) => name === 'in')!, new Blob([new Uint8Array(await png())]), 'in.png');
  const ended = await api.jobs.wait(job.id);
  const [file] = api.jobs.getExportUrls(ended);
  const answer = await fetch(file!.url!);
  expect([ended.status, answer.status, answer.headers.get('content-type')]).toEqual(['finished', 200, 'image/webp']);
});

it('says where it listens and whom to trust', async () => {
  const { tls } = await stack.status();
  expect(tls).toEqual({ port: stack.at.tls!.port, host: expect.stringMatching(/^127\.77\./), ca: `${stack.dataDir}/tls/ca.pem`, names: expect.arrayContaining([API, SYNC, 'socketio.cloudconvert.com', 'storage.cloudconvert.com']) });
});

it('listens again after the gateway that owns the port has died', async () => {
  stack.kill('api-gateway', 0);
  await stack.healthy();
  expect((await call('GET', API, '/v2/users/me')).status).toBe(200);
});
