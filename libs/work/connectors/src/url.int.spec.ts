import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fakeContext, type Engine, type FakeContext, type InputFile } from '@millrace/engine-kit';
import { createSafeFetch } from '@millrace/safe-fetch';
import { exportConnectors, importConnectors } from './index';

const servers: Server[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())))));

/** A server on loopback, the addresses it was asked for, and its own address. */
async function serve(handler: RequestListener): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url!);
    handler(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const open = createSafeFetch({ allow: ['127.0.0.1'] });
const importer = (maxImportBytes = 1_000_000, safeFetch = open): Promise<Engine> => {
  const factory = importConnectors.find(({ name }) => name === 'import-url')!;
  return factory.create({ safeFetch, maxImportBytes, retryWaitsMs: [1, 2] });
};
const run = async (ctx: FakeContext, engine = importer()) => (await engine).run(ctx);
const textOf = (ctx: FakeContext): string[] => [...ctx.stored.values()].map((bytes) => Buffer.from(bytes).toString());

describe('import/url', () => {
  it('stores the bytes under the name and tells progress', async () => {
    const whole = Buffer.alloc(500_000, 'ab');
    const { url } = await serve((_, response) => response.writeHead(200, { 'content-length': whole.length, 'content-disposition': 'attachment; filename="ph oto.png"' }).end(whole));
    const ctx = fakeContext({ options: { url: `${url}/x` } });
    const { files } = await run(ctx);
    expect(files).toEqual([{ blob: 'task-1/run-1/0', filename: 'ph oto.png', size: 500_000 }]);
    expect(Buffer.compare(Buffer.from(ctx.stored.get('task-1/run-1/0')!), whole)).toBe(0);
    expect(ctx.reported.at(-1)).toBe(100);
    expect([...ctx.reported]).toEqual([...new Set(ctx.reported)].sort((a, b) => a - b));
  });

  it('works without a declared length, then silently', async () => {
    const { url } = await serve((_, response) => {
      response.write('a');
      response.end('b');
    });
    const ctx = fakeContext({ options: { url: `${url}/a.txt` } });
    await run(ctx);
    expect([textOf(ctx), ctx.reported]).toEqual([['ab'], []]);
  });

  it('sends the headers to the origin that was named only', async () => {
    const elsewhere = await serve((request, response) => response.end(`${request.headers.authorization}`));
    const first = await serve((request, response) => {
      if (request.url === '/direct.txt') return void response.end(`${request.headers.authorization}`);
      response.writeHead(302, { location: `${elsewhere.url}/final.txt` }).end();
    });
    const direct = fakeContext({ options: { url: `${first.url}/direct.txt`, headers: { Authorization: 'Bearer s3cret' } } });
    await run(direct);
    expect(textOf(direct)).toEqual(['Bearer s3cret']);
    const redirected = fakeContext({ options: { url: `${first.url}/moved`, headers: { Authorization: 'Bearer s3cret' } } });
    const { files } = await run(redirected);
    expect([textOf(redirected), files]).toEqual([['undefined'], [expect.objectContaining({ filename: 'final.txt' })]]);
  });

  it.each([400, 401, 403, 404, 410, 429, 304])('fails with the status %i, asked once', async (status) => {
    const { url, asked } = await serve((_, response) => response.writeHead(status).end());
    const ctx = fakeContext({ options: { url, headers: { 'X-Key': 's3cret' } } });
    await expect(run(ctx)).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED', publicMessage: `The server answered with status ${status}`, retryable: false });
    expect([asked.length, ctx.stored.size]).toEqual([1, 0]);
  });

  it.each([500, 502, 503])('asks three times in all on %i', async (status) => {
    const { url, asked } = await serve((_, response) => response.writeHead(status).end('sorry'));
    const ctx = fakeContext({ options: { url } });
    await expect(run(ctx)).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED', publicMessage: `The server answered with status ${status}` });
    expect([asked.length, ctx.stored.size]).toEqual([3, 0]);
  });

  it.each<[string, RequestListener]>([
    ['a 503', (_, response) => response.writeHead(503).end()],
    ['a reset before the answer', (request) => request.socket.resetAndDestroy()],
    ['a short body', (request, response) => response.writeHead(200, { 'content-length': 10 }).write('abc', () => request.socket.end())],
    ['a reset in the body', (request, response) => response.writeHead(200, { 'content-length': 10 }).write('abc', () => request.socket.resetAndDestroy())],
  ])('comes through after %s, with one file of whole bytes', async (_, fault) => {
    let left = 2;
    const { url, asked } = await serve((request, response) => ((left -= 1) >= 0 ? void fault(request, response) : void response.end('whole')));
    const ctx = fakeContext({ options: { url: `${url}/a.txt` } });
    expect((await run(ctx)).files).toEqual([expect.objectContaining({ filename: 'a.txt', size: 5 })]);
    expect([textOf(ctx), asked.length]).toEqual([['whole'], 3]);
  });

  it('stores nothing of a body that stays shorter than declared', async () => {
    const { url, asked } = await serve((request, response) => void response.writeHead(200, { 'content-length': 10 }).write('abc', () => request.socket.end()));
    const ctx = fakeContext({ options: { url } });
    await expect(run(ctx)).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' });
    expect([asked.length, ctx.stored.size]).toEqual([3, 0]);
  });

  it.each<[string, RequestListener]>([
    ['declared', (_, response) => response.end(Buffer.alloc(101))],
    ['met while streaming', (_, response) => (response.write(Buffer.alloc(60)), response.end(Buffer.alloc(60)))],
  ])('refuses more bytes than allowed: %s', async (_, handler) => {
    const { url, asked } = await serve(handler);
    const ctx = fakeContext({ options: { url } });
    await expect(run(ctx, importer(100))).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect([asked.length, ctx.stored.size]).toEqual([1, 0]);
  });

  it('refuses a coded body rather than storing another file', async () => {
    const { url, asked } = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'));
    const ctx = fakeContext({ options: { url } });
    await expect(run(ctx)).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED', publicMessage: expect.stringContaining('content encoding') });
    expect([asked.length, ctx.stored.size]).toEqual([1, 0]);
  });

  it('reaches no private address, neither directly nor by redirect', async () => {
    const inner = await serve((_, response) => response.end('secret'));
    const front = await serve((_, response) => response.writeHead(302, { location: inner.url }).end());
    const guarded = createSafeFetch({ allow: [new URL(front.url).host] });
    for (const url of [inner.url, inner.url.replace('127.0.0.1', 'localhost'), front.url]) {
      const ctx = fakeContext({ options: { url } });
      await expect(run(ctx, importer(100, guarded))).rejects.toMatchObject({ code: 'URL_NOT_ALLOWED', publicMessage: 'The URL is not allowed' });
      expect(ctx.stored.size).toBe(0);
    }
    expect([inner.asked, front.asked.length]).toEqual([[], 1]);
  });

  it('stops with the signal, also between two attempts', async () => {
    const controller = new AbortController();
    const { url, asked } = await serve((_, response) => {
      response.writeHead(503).end();
      response.on('close', () => setImmediate(() => controller.abort()));
    });
    const factory = importConnectors[0]!;
    const patient = factory.create({ safeFetch: open, maxImportBytes: 100, retryWaitsMs: [3_600_000] });
    await expect(run(fakeContext({ options: { url }, signal: controller.signal }), patient)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(asked).toHaveLength(1);
  });

  it.each([{}, { url: 7 }, { url: 'http://127.0.0.1/', headers: { a: 7 } }, { url: 'http://127.0.0.1/', headers: { a: 's3cret\r\nb: c' } }])('refuses the options %j', async (options) => {
    const failure = await run(fakeContext({ options })).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'INVALID_INPUT' });
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure as object))).not.toContain('s3cret');
  });
});

test('export/url hands each input on by reference', async () => {
  const inputs: InputFile[] = [
    { blob: 'b1', filename: 'a.png', size: 3, md5: 'm', sha256: 's', type: 'png', mime: 'image/png', task: 't1' },
    { blob: 'b2', filename: 'b.bin', size: 0, task: 't2' },
  ];
  const ctx = fakeContext({ inputs });
  const engine = await exportConnectors.find(({ name }) => name === 'export-url')!.create({ safeFetch: open });
  expect(await engine.run(ctx)).toEqual({
    files: [
      { blob: 'b1', filename: 'a.png', size: 3, md5: 'm', sha256: 's', type: 'png', mime: 'image/png' },
      { blob: 'b2', filename: 'b.bin', size: 0 },
    ],
  });
  expect([engine.fetchInputs, ctx.stored.size]).toEqual([false, 0]);
});
