import { getEventListeners } from 'node:events';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { createSafeFetch, type SafeRequest } from './safe-fetch';
import { listenHttp, listenTcp, type Listener } from './testing/listener';
import { selfSigned } from './testing/self-signed';

const safeFetch = createSafeFetch({ allow: ['127.0.0.0/8', 'good.test', 'wrong.test'], resolve: async () => ['127.0.0.1'] });
const UNREACHABLE = { code: 'DOWNLOAD_FAILED', publicMessage: 'The address could not be reached' };
const INTERRUPTED = { code: 'DOWNLOAD_FAILED', publicMessage: 'The transfer was interrupted' };

const listeners: Listener[] = [];
/** Waits for the connections to be gone by themselves: a request that left one open hangs here. */
afterEach(async () => {
  for (const listener of listeners.splice(0)) {
    while (listener.open() > 0) await new Promise((resolve) => setImmediate(resolve));
    await listener.close();
  }
});
const http = async (...args: Parameters<typeof listenHttp>): Promise<string> => {
  const listener = await listenHttp(...args);
  listeners.push(listener);
  return `http://127.0.0.1:${listener.port}/`;
};
/** A peer that answers the first bytes it gets by `handler`. */
const raw = async (handler: (socket: Socket) => void): Promise<string> => {
  const listener = await listenTcp((socket) => socket.once('data', () => handler(socket)));
  listeners.push(listener);
  return `http://127.0.0.1:${listener.port}/`;
};
const read = async (request: SafeRequest): Promise<Buffer> => Buffer.concat(await (await safeFetch.request(request)).body.toArray());
const closed = (body: Readable): Promise<void> => new Promise((resolve) => (body.closed ? resolve() : body.once('close', resolve)));

describe('a whole answer', () => {
  it('gives status, headers, bytes and final URL, and asks for the identity coding', async () => {
    const url = await http((request, response) => response.writeHead(404, { 'x-a': 'b' }).end(JSON.stringify([request.headers, request.method, request.url])));
    const answer = await safeFetch.request({ url: `${url}p/a?b#c`, headers: { Host: 'evil.test', 'Accept-Encoding': 'gzip', 'X-Key': 'k' } });
    expect([answer.status, answer.headers['x-a'], answer.url]).toEqual([404, 'b', `${url}p/a?b`]);
    const [headers, method, path] = JSON.parse(Buffer.concat(await answer.body.toArray()).toString());
    expect([headers, method, path]).toEqual([{ host: new URL(url).host, 'accept-encoding': 'identity', 'x-key': 'k', connection: 'close' }, 'GET', '/p/a?b']);
  });

  it('sends header names as they were given', async () => {
    const url = await http((request, response) => void response.end(JSON.stringify(request.rawHeaders)));
    expect(JSON.parse((await read({ url, headers: { 'X-KEY-Of': 'a', 'x-key-of': 'b', plain: 'c' } })).toString())).toEqual(expect.arrayContaining(['x-key-of', 'b', 'plain', 'c']));
    const names = JSON.parse((await read({ url, headers: { 'X-KEY-Of': 'a' } })).toString());
    expect(names.filter((_: string, index: number) => index % 2 === 0)).toEqual(['X-KEY-Of', 'host', 'accept-encoding', 'Connection']);
  });

  it.each<[string, () => SafeRequest['body']]>([
    ['text', () => 'grüße'],
    ['bytes', () => Buffer.from('grüße')],
    ['a stream', () => Readable.from([Buffer.from('grü'), Buffer.from('ße')])],
  ])('sends %s', async (_, body) => {
    const url = await http((request, response) => void request.pipe(response));
    expect((await read({ url, method: 'PUT', body: body() })).toString()).toBe('grüße');
  });

  it('sends a stream of known length as one body, not in chunks', async () => {
    const seen: unknown[] = [];
    const url = await http((request, response) => (seen.push(request.headers['content-length'], request.headers['transfer-encoding']), void request.pipe(response)));
    const body = (...parts: string[]): Readable => Readable.from(parts.map((part) => Buffer.from(part)));
    expect((await read({ url, method: 'PUT', body: body('ab', 'c'), bodyLength: 3 })).toString()).toBe('abc');
    expect(await read({ url, method: 'PUT', body: body(), bodyLength: 0 })).toHaveLength(0);
    expect(seen).toEqual(['3', undefined, '0', undefined]);
  });

  it.each([['longer', 2], ['shorter', 4]])('gives up on a stream that is %s than its length', async (_, bodyLength) => {
    const url = await http((request, response) => void request.on('error', () => undefined).on('end', () => response.end('taken')).resume());
    const body = Readable.from([Buffer.from('ab'), Buffer.from('c')]);
    await expect(safeFetch.request({ url, method: 'PUT', body, bodyLength })).rejects.toMatchObject(UNREACHABLE);
    expect(body.destroyed).toBe(true);
  });

  it('of large size survives a slow reader without being taken for silence', async () => {
    const url = await http((_, response) => response.end(Buffer.alloc(2_000_000, 7)));
    const { body } = await safeFetch.request({ url, idleTimeoutMs: 500 });
    let size = 0;
    for await (const chunk of body) {
      if (size === 0) await new Promise((resolve) => setTimeout(resolve, 1_000));
      size += (chunk as Buffer).length;
    }
    expect(size).toBe(2_000_000);
  });

  it('without a body ends at once', async () => {
    const url = await http((_, response) => response.writeHead(204).end());
    expect(await read({ url })).toHaveLength(0);
    expect(await read({ url, method: 'HEAD', maxBytes: 0 })).toHaveLength(0);
  });
});

describe('no answer', () => {
  it('says the same of closed, silent, unresolvable, non-HTTP and non-TLS', async () => {
    const closedListener = await listenTcp(() => undefined);
    await closedListener.close();
    const silent = await raw(() => undefined);
    const noName = createSafeFetch({ allow: [], resolve: () => Promise.reject(new Error('ENOTFOUND')) });
    await expect(safeFetch.request({ url: `http://127.0.0.1:${closedListener.port}/` })).rejects.toMatchObject(UNREACHABLE);
    await expect(safeFetch.request({ url: silent, headersTimeoutMs: 30 })).rejects.toMatchObject(UNREACHABLE);
    await expect(noName.request({ url: 'http://nowhere.test/' })).rejects.toMatchObject(UNREACHABLE);
    await expect(createSafeFetch({ allow: [], resolve: async () => [] }).request({ url: 'http://empty.test/' })).rejects.toMatchObject(UNREACHABLE);
    await expect(safeFetch.request({ url: await raw((socket) => socket.end('SSH-2.0-OpenSSH_9\r\n')) })).rejects.toMatchObject(UNREACHABLE);
    await expect(safeFetch.request({ url: await raw((socket) => socket.destroy()) })).rejects.toMatchObject(UNREACHABLE);
    await expect(safeFetch.dial({ host: '127.0.0.1', port: closedListener.port })).rejects.toMatchObject(UNREACHABLE);
  });

  it('gives up on TLS that never shakes hands', async () => {
    const url = (await raw(() => undefined)).replace('http', 'https');
    const hasty = createSafeFetch({ allow: ['127.0.0.1'], connectTimeoutMs: 30 });
    await expect(hasty.request({ url })).rejects.toMatchObject(UNREACHABLE);
  });

  it('goes on to the next checked address when one is closed', async () => {
    const url = await http((_, response) => response.end('ok'));
    const both = createSafeFetch({ allow: ['127.0.0.0/8', '::1'], resolve: async () => ['::1', '127.0.0.1'] });
    const { body } = await both.request({ url: url.replace('127.0.0.1', 'two.test') });
    expect(Buffer.concat(await body.toArray()).toString()).toBe('ok');
  });
});

describe('an abusive answer', () => {
  const head = 'HTTP/1.1 200 OK\r\n';

  it.each<[string, (socket: Socket) => void]>([
    ['100,000 headers', (socket) => void socket.write(head + 'x: y\r\n'.repeat(100_000))],
    ['a header of 1 MB', (socket) => void socket.write(`${head}x: ${'y'.repeat(1_000_000)}\r\n\r\n`)],
    ['two lengths', (socket) => void socket.write(`${head}content-length: 1\r\ncontent-length: 2\r\n\r\nab`)],
    ['a length that is none', (socket) => void socket.write(`${head}content-length: -5\r\n\r\n`)],
    ['an upgrade nobody asked for', (socket) => void socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n')],
  ])('%s', async (_, handler) => {
    await expect(safeFetch.request({ url: await raw(handler) })).rejects.toMatchObject(UNREACHABLE);
  });

  it('a storm of 1xx does not outlive the time for headers', async () => {
    const url = await raw((socket) => {
      const timer = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'.repeat(100)), 1);
      socket.on('close', () => clearInterval(timer));
    });
    await expect(safeFetch.request({ url, headersTimeoutMs: 60 })).rejects.toMatchObject(UNREACHABLE);
  });

  it('a declared size over the limit costs no byte', async () => {
    const url = await raw((socket) => void socket.write(`${head}content-length: 10995116277760\r\n\r\nabc`));
    const { body } = await safeFetch.request({ url, maxBytes: 1_000 });
    const chunks: Buffer[] = [];
    body.on('data', (chunk: Buffer) => chunks.push(chunk));
    await closed(body);
    expect([body.errored, chunks]).toEqual([expect.objectContaining({ code: 'LIMIT_EXCEEDED' }), []]);
  });

  it('an endless body is cut at the limit', async () => {
    const url = await http((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more);
      more();
    });
    const { body } = await safeFetch.request({ url, maxBytes: 1_000_000 });
    let size = 0;
    const reading = (async () => {
      for await (const chunk of body) size += (chunk as Buffer).length;
    })();
    await expect(reading).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(size).toBeLessThanOrEqual(1_000_000);
  });

  it('exactly the limit is no excess', async () => {
    const url = await http((_, response) => response.end(Buffer.alloc(1_000)));
    expect(await read({ url, maxBytes: 1_000 })).toHaveLength(1_000);
    await expect(read({ url, maxBytes: 999 })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  it('silence in the middle ends at the idle time', async () => {
    const url = await raw((socket) => void socket.write(`${head}content-length: 10\r\n\r\nabc`));
    await expect(read({ url, idleTimeoutMs: 40 })).rejects.toMatchObject(INTERRUPTED);
  });

  it('a byte now and then does not outlive the total time', async () => {
    const url = await raw((socket) => {
      socket.write(`${head}content-length: 1000000\r\n\r\n`);
      const timer = setInterval(() => socket.write('x'), 5);
      socket.on('close', () => clearInterval(timer));
    });
    await expect(read({ url, idleTimeoutMs: 5_000, totalTimeoutMs: 100 })).rejects.toMatchObject(INTERRUPTED);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['shorter than declared', (socket) => socket.end(`${head}content-length: 10\r\n\r\nabc`)],
    ['reset', (socket) => socket.write(`${head}content-length: 10\r\n\r\nabc`, () => socket.resetAndDestroy())],
    ['a cut chunk', (socket) => socket.end(`${head}transfer-encoding: chunked\r\n\r\n5\r\nab`)],
    ['no last chunk', (socket) => socket.end(`${head}transfer-encoding: chunked\r\n\r\n2\r\nab\r\n`)],
  ])('a body %s fails', async (_, handler) => {
    await expect(read({ url: await raw(handler) })).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' });
  });
});

describe('the signal of the caller', () => {
  it('ends the wait for headers, the body, and what never began', async () => {
    const silent = await raw(() => undefined);
    const waiting = new AbortController();
    const before = safeFetch.request({ url: silent, signal: waiting.signal });
    setImmediate(() => waiting.abort());
    await expect(before).rejects.toMatchObject({ code: 'CANCELLED' });

    const half = await raw((socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc'));
    const reading = new AbortController();
    const { body } = await safeFetch.request({ url: half, signal: reading.signal });
    const all = body.toArray();
    setImmediate(() => reading.abort());
    await expect(all).rejects.toMatchObject({ code: 'CANCELLED' });

    await expect(safeFetch.request({ url: silent, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(safeFetch.dial({ host: '127.0.0.1', port: 1, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('is let go of when the request is over', async () => {
    const url = await http((request, response) => (request.url === '/cut' ? response.destroy() : response.end('ok')));
    const { signal } = new AbortController();
    await read({ url, signal });
    await expect(read({ url: `${url}cut`, signal })).rejects.toMatchObject(UNREACHABLE);
    const { body } = await safeFetch.request({ url, signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    body.destroy();
    await closed(body);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('ends the wait for a resolver that never answers', async () => {
    const stuck = createSafeFetch({ allow: [], resolve: () => new Promise(() => undefined) });
    const controller = new AbortController();
    const request = stuck.request({ url: 'http://slow.test/', signal: controller.signal });
    setImmediate(() => controller.abort());
    await expect(request).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(stuck.request({ url: 'http://slow.test/', totalTimeoutMs: 20 })).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' });
  });
});

test('a body nobody reads breaks off without ending the process, and tells a late reader', async () => {
  const url = await raw((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc', () => socket.resetAndDestroy()));
  const { body } = await safeFetch.request({ url });
  await closed(body);
  await expect(body.toArray()).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' });
});

describe('TLS', () => {
  const pair = selfSigned('good.test');
  const ask = async (host: string, ca?: string): Promise<string> => {
    const listener = await listenHttp((_, response) => response.end('ok'), { tls: pair });
    listeners.push(listener);
    const { body } = await createSafeFetch({ allow: ['good.test', 'wrong.test'], resolve: async () => ['127.0.0.1'], ca }).request({ url: `https://${host}:${listener.port}/` });
    return Buffer.concat(await body.toArray()).toString();
  };

  it('is checked against the name and the trusted certificates', async () => {
    expect(await ask('good.test', pair.cert)).toBe('ok');
    expect(await ask('good.test.', pair.cert)).toBe('ok');
    await expect(ask('wrong.test', pair.cert)).rejects.toMatchObject(UNREACHABLE);
    await expect(ask('good.test')).rejects.toMatchObject(UNREACHABLE);
  });

  it('is not turned off by the environment', async () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      await expect(ask('good.test')).rejects.toMatchObject(UNREACHABLE);
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
  });
});

test('proxies of the environment are not asked', async () => {
  const proxy = await listenHttp((_, response) => response.end('from the proxy'));
  listeners.push(proxy);
  const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'];
  const url = await http((_, response) => response.end('direct'));
  for (const name of names) process.env[name] = `http://127.0.0.1:${proxy.port}`;
  process.env.NODE_USE_ENV_PROXY = '1';
  try {
    expect((await read({ url })).toString()).toBe('direct');
  } finally {
    for (const name of [...names, 'NODE_USE_ENV_PROXY']) delete process.env[name];
  }
  expect(proxy.hits()).toBe(0);
});
