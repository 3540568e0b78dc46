import { createSafeFetch, type SafeRequest } from './safe-fetch';
import { listenHttp, type Listener } from './testing/listener';
import { selfSigned } from './testing/self-signed';

const STATUSES = [301, 302, 303, 307, 308];
const PRIVATE = ['127.0.0.1', '[::1]', '[::ffff:7f00:1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]', '2130706433', 'localhost', 'inner.test', '10.0.0.1', '169.254.169.254'];
const REFUSED = { code: 'URL_NOT_ALLOWED', publicMessage: 'The URL is not allowed' };

const pair = selfSigned('front.test');
let inner: Listener;
let front: Listener;
let frontTls: Listener;
let location: (url: string) => string | undefined;

beforeAll(async () => {
  inner = await listenHttp((_, response) => response.end('secret'));
  const handler: Parameters<typeof listenHttp>[0] = (request, response) => {
    const status = Number(/^\/(\d{3})/.exec(request.url!)?.[1] ?? 302);
    const to = location(request.url!);
    if (to === undefined) return void response.end(`${request.method} reached`);
    response.writeHead(status, { location: to }).end('moved');
  };
  front = await listenHttp(handler);
  frontTls = await listenHttp(handler, { tls: pair });
});
afterAll(() => Promise.all([inner.close(), front.close(), frontTls.close()]));

const resolve = async (): Promise<string[]> => ['127.0.0.1'];
const fetchIt = (request: Omit<SafeRequest, 'url'> & { url: string }) =>
  createSafeFetch({ allow: [`front.test:${front.port}`, `front.test:${frontTls.port}`, `other.test:${front.port}`], resolve, ca: pair.cert }).request(request);
const base = (): string => `http://front.test:${front.port}`;
const baseTls = (): string => `https://front.test:${frontTls.port}`;
const textOf = async (request: SafeRequest): Promise<string> => Buffer.concat(await (await fetchIt(request)).body.toArray()).toString();

describe('a redirect to a private address is refused at any depth', () => {
  it.each(STATUSES.flatMap((status) => [0, 1, 4].map((depth) => [status, depth] as const)))('%i after %i hops', async (status, depth) => {
    for (const host of PRIVATE) {
      location = (url) => {
        const left = Number(/left=(\d+)/.exec(url)![1]);
        return left > 0 ? `/${status}?left=${left - 1}` : `http://${host}:${inner.port}/`;
      };
      await expect(fetchIt({ url: `${base()}/${status}?left=${depth}` })).rejects.toMatchObject(REFUSED);
    }
    expect(inner.hits()).toBe(0);
  });

  it.each(['file:///etc/passwd', 'FILE:/etc/passwd', 'gopher://127.0.0.1/', 'http://u:p@front.test/', 'http://front.test:22/', '//inner.test/', '\\\\inner.test\\'])('to %s', async (to) => {
    location = () => to.replace('inner.test', `inner.test:${inner.port}`);
    await expect(fetchIt({ url: `${base()}/302` })).rejects.toMatchObject(REFUSED);
    expect(inner.hits()).toBe(0);
  });

  it('neither a Refresh header nor a meta tag is followed', async () => {
    const sly = await listenHttp((_, response) => {
      const to = `http://127.0.0.1:${inner.port}/`;
      response.writeHead(200, { refresh: `0;url=${to}`, 'content-location': to }).end(`<meta http-equiv="refresh" content="0;url=${to}">`);
    });
    const { body } = await createSafeFetch({ allow: [`127.0.0.1:${sly.port}`] }).request({ url: `http://127.0.0.1:${sly.port}/` });
    expect(Buffer.concat(await body.toArray()).toString()).toContain('<meta');
    expect(inner.hits()).toBe(0);
    await sly.close();
  });
});

describe('the number of redirects', () => {
  beforeEach(() => {
    location = (url) => {
      const left = Number(/left=(\d+)/.exec(url)![1]);
      return left > 0 ? `/302?left=${left - 1}` : undefined;
    };
  });

  it('up to the limit is followed, each over a connection of its own', async () => {
    const before = front.hits();
    const { url, body } = await fetchIt({ url: `${base()}/302?left=5` });
    expect([Buffer.concat(await body.toArray()).toString(), url]).toEqual(['GET reached', `${base()}/302?left=0`]);
    expect(front.hits() - before).toBe(6);
  });

  it.each([6, 10, 100])('%i is too many', async (left) => {
    const before = front.hits();
    await expect(fetchIt({ url: `${base()}/302?left=${left}` })).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' });
    expect(front.hits() - before).toBe(6);
  });

  it('0 makes the redirect the answer', async () => {
    const { status, headers, body } = await fetchIt({ url: `${base()}/307?left=1`, maxRedirects: 0 });
    expect([status, headers.location]).toEqual([307, '/302?left=0']);
    body.destroy();
  });
});

describe('what a redirect carries along', () => {
  const headers = { Authorization: 'Bearer s3cret', Cookie: 'a=b', 'X-Amz-Security-Token': 't', 'X-Key': 'k', 'User-Agent': 'ua' };

  it('all headers on the same origin, none that may be a credential to another, also not on the way back', async () => {
    location = (url) => ({ '/302a': '/302b', '/302b': `http://other.test:${front.port}/302c`, '/302c': `${base()}/200` })[url];
    const before = front.requests.length;
    await textOf({ url: `${base()}/302a`, headers });
    const seen = front.requests.slice(before).map(({ headers: { authorization, cookie, host, ...rest } }) => [host, authorization, cookie, rest['x-key'], rest['x-amz-security-token'], rest['user-agent']]);
    const own = `front.test:${front.port}`;
    expect(seen).toEqual([
      [own, 'Bearer s3cret', 'a=b', 'k', 't', 'ua'],
      [own, 'Bearer s3cret', 'a=b', 'k', 't', 'ua'],
      [`other.test:${front.port}`, undefined, undefined, undefined, undefined, 'ua'],
      [own, undefined, undefined, undefined, undefined, 'ua'],
    ]);
  });

  it('from https to http only without credentials', async () => {
    location = (url) => (url === '/302down' ? `${base()}/200` : undefined);
    const before = front.hits();
    await expect(fetchIt({ url: `${baseTls()}/302down`, headers })).rejects.toMatchObject(REFUSED);
    expect(front.hits()).toBe(before);
    expect(await textOf({ url: `${baseTls()}/302down`, headers: { accept: '*/*' } })).toBe('GET reached');
  });

  it('up to https', async () => {
    location = (url) => (url === '/302up' ? `${baseTls()}/200` : undefined);
    expect(await textOf({ url: `${base()}/302up`, headers })).toBe('GET reached');
  });

  it.each([
    [302, 'GET reached'],
    [307, 'POST reached'],
  ])('%i with a body: %s', async (status, expected) => {
    location = (url) => (url === `/${status}` ? '/200' : undefined);
    expect(await textOf({ url: `${base()}/${status}`, method: 'POST', body: 'hello' })).toBe(expected);
  });
});
