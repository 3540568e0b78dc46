import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fakeContext, type FakeContext, type InputFile } from '@millrace/engine-kit';
import { createSafeFetch } from '@millrace/safe-fetch';
import { exportConnectors } from './index';

interface Taken {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

let folder: string;
const servers: Server[] = [];

beforeAll(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'upload-'))));
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())))));

/** A server that keeps what it was sent whole, and answers by `answer`, or by 201. */
async function serve(answer: (request: Taken, response: Parameters<RequestListener>[1]) => void = (_, response) => response.writeHead(201).end('ignored')): Promise<{ url: string; taken: Taken[] }> {
  const taken: Taken[] = [];
  const server = createServer((request, response) => {
    buffer(request).then(
      (body) => {
        const one = { method: request.method!, path: request.url!, headers: request.headers, body };
        taken.push(one);
        answer(one, response);
      },
      () => undefined,
    );
  });
  return { url: await listening(server), taken };
}

async function listening(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function input(filename: string, bytes: Buffer, over: Partial<InputFile> = {}): Promise<InputFile> {
  const file = path.join(folder, `${createHash('sha256').update(filename).digest('hex')}.bin`);
  await writeFile(file, bytes);
  return { blob: `b/${filename}`, path: file, filename, size: bytes.length, task: 't', ...over };
}

const open = createSafeFetch({ allow: ['127.0.0.1'] });
async function run(ctx: FakeContext, { safeFetch = open, retryWaitsMs = [1, 2] } = {}) {
  const engine = await exportConnectors.find(({ name }) => name === 'export-upload')!.create({ safeFetch, retryWaitsMs });
  return engine.run(ctx);
}

describe('export/upload', () => {
  it('puts the file, whole and with its length and type, under the headers given, and copies nothing', async () => {
    const bytes = randomBytes(3_000_000);
    const { url, taken } = await serve();
    const ctx = fakeContext({ inputs: [await input('ä.pdf', bytes, { mime: 'application/pdf', type: 'pdf' })], options: { url: `${url}/in?sig=a%2Fb`, headers: { Authorization: 'Bearer s3cret' } } });
    expect(await run(ctx)).toEqual({ files: [expect.objectContaining({ blob: 'b/ä.pdf', filename: 'ä.pdf', size: 3_000_000 })] });
    expect(taken).toMatchObject([{ method: 'PUT', path: '/in?sig=a%2Fb', headers: { authorization: 'Bearer s3cret', 'content-type': 'application/pdf', 'content-length': '3000000' } }]);
    expect(taken[0]!.headers['transfer-encoding']).toBeUndefined();
    expect(taken[0]!.body.equals(bytes)).toBe(true);
    expect([ctx.reported.at(-1), ctx.stored.size]).toEqual([100, 0]);
  });

  it('a header given wins over ours, except over those of the connection', async () => {
    const { url, taken } = await serve();
    await run(fakeContext({ inputs: [await input('a', Buffer.from('abc'))], options: { url, headers: { 'Content-Type': 'text/x', 'Content-Length': '9', Host: 'evil.test' } } }));
    expect(taken[0]!.headers).toMatchObject({ 'content-type': 'text/x', 'content-length': '3', host: new URL(url).host });
    const plain = await serve();
    await run(fakeContext({ inputs: [await input('a', Buffer.from('abc'))], options: { url: plain.url } }));
    expect(plain.taken[0]!.headers['content-type']).toBe('application/octet-stream');
  });

  it('sends an empty file too', async () => {
    const { url, taken } = await serve();
    await run(fakeContext({ inputs: [await input('empty', Buffer.alloc(0))], options: { url } }));
    expect(taken).toMatchObject([{ headers: { 'content-length': '0' }, body: Buffer.alloc(0) }]);
  });

  it('sends several files to an address each, telling progress over all', async () => {
    const { url, taken } = await serve();
    const inputs = [await input('a.txt', Buffer.alloc(300, 'a')), await input('b.txt', Buffer.alloc(700, 'b'))];
    const ctx = fakeContext({ inputs, options: { url: `${url}/%d-%s` } });
    expect((await run(ctx)).files).toHaveLength(2);
    expect(taken.map(({ path: at, body }) => [at, body.length])).toEqual([['/1-a.txt', 300], ['/2-b.txt', 700]]);
    expect(ctx.reported).toEqual([30, 100]);
  });

  it('sends nothing where several files would overwrite each other', async () => {
    const { url, taken } = await serve();
    const inputs = [await input('a', Buffer.from('1')), await input('b', Buffer.from('2'))];
    await expect(run(fakeContext({ inputs, options: { url } }))).rejects.toMatchObject({ code: 'INVALID_INPUT', publicMessage: expect.stringContaining('placeholder') });
    expect(taken).toEqual([]);
  });

  it.each([400, 403, 404, 409, 413, 429])('fails with the status %i, asked once', async (status) => {
    const { url, taken } = await serve((_, response) => response.writeHead(status).end());
    const ctx = fakeContext({ inputs: [await input('a.txt', Buffer.from('a'))], options: { url } });
    await expect(run(ctx)).rejects.toMatchObject({ code: 'UPLOAD_FAILED', publicMessage: `The server answered the upload of a.txt with status ${status}`, retryable: false });
    expect(taken).toHaveLength(1);
  });

  it.each([301, 302, 303, 307, 308])('follows no redirect (%i): neither file nor headers go elsewhere', async (status) => {
    const elsewhere = await serve();
    const { url } = await serve((_, response) => response.writeHead(status, { location: elsewhere.url }).end());
    await expect(run(fakeContext({ inputs: [await input('a', Buffer.from('a'))], options: { url, headers: { 'X-Key': 's3cret' } } }))).rejects.toMatchObject({ code: 'UPLOAD_FAILED' });
    expect(elsewhere.taken).toEqual([]);
  });

  it('tries three times in all on 500 and above, each time with the whole file', async () => {
    const { url, taken } = await serve((_, response) => response.writeHead(503).end());
    await expect(run(fakeContext({ inputs: [await input('a', Buffer.from('abc'))], options: { url } }))).rejects.toMatchObject({ code: 'UPLOAD_FAILED', publicMessage: expect.stringContaining('503') });
    expect(taken.map(({ body }) => body.toString())).toEqual(['abc', 'abc', 'abc']);
  });

  it('comes through after a connection that broke', async () => {
    let left = 2;
    const { url, taken } = await serve((_, response) => ((left -= 1) >= 0 ? response.socket!.resetAndDestroy() : response.end()));
    await run(fakeContext({ inputs: [await input('a', Buffer.from('abc'))], options: { url } }));
    expect(taken.map(({ body }) => body.toString())).toEqual(['abc', 'abc', 'abc']);
  });

  it('says so when nobody is there, the same for every reason', async () => {
    const { url } = await serve();
    const server = servers.pop()!;
    await new Promise((resolve) => server.close(resolve));
    await expect(run(fakeContext({ inputs: [await input('a', Buffer.from('a'))], options: { url } }))).rejects.toMatchObject({ code: 'UPLOAD_FAILED', publicMessage: 'The address could not be reached' });
  });

  it('takes no word for it while the file is still on its way', async () => {
    const url = await listening(createServer((_, response) => response.writeHead(200, { 'content-length': 0 }).end()));
    const big = await input('big', Buffer.alloc(30_000_000));
    await expect(run(fakeContext({ inputs: [big], options: { url } }))).rejects.toMatchObject({ code: 'UPLOAD_FAILED' });
  });

  it('reaches no private address', async () => {
    const { url, taken } = await serve();
    const guarded = createSafeFetch({ allow: [] });
    for (const target of [url, url.replace('127.0.0.1', 'localhost')]) {
      const ctx = fakeContext({ inputs: [await input('a', Buffer.from('a'))], options: { url: target } });
      await expect(run(ctx, { safeFetch: guarded })).rejects.toMatchObject({ code: 'URL_NOT_ALLOWED', publicMessage: 'The URL is not allowed' });
    }
    expect(taken).toEqual([]);
  });

  it('stops with the signal, also between two attempts', async () => {
    const controller = new AbortController();
    const { url, taken } = await serve((_, response) => {
      response.writeHead(503).end();
      response.on('close', () => setImmediate(() => controller.abort()));
    });
    const ctx = fakeContext({ inputs: [await input('a', Buffer.from('a'))], options: { url }, signal: controller.signal });
    await expect(run(ctx, { retryWaitsMs: [3_600_000] })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(taken).toHaveLength(1);
  });

  it.each([{}, { url: 7 }, { url: 'http://127.0.0.1/', headers: { a: 7 } }, { url: 'http://127.0.0.1/', headers: { a: 's3cret\r\nb: c' } }])('refuses the options %j', async (options) => {
    const failure = await run(fakeContext({ inputs: [await input('a', Buffer.from('a'))], options })).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'INVALID_INPUT' });
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure as object))).not.toContain('s3cret');
  });
});
