import { isFailure } from '@millrace/failures';
import { createSafeFetch } from './safe-fetch';
import { listenHttp, type Listener } from './testing/listener';

const V4 = ['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '0x7f.1', '0', '0.0.0.0', '127.0.0.1.', '①②⑦.⓪.⓪.①', '１２７.０.０.１', '127。0。0。1', '%31%32%37.0.0.1', '127.000.000.001'];
const V6 = ['::1', '::', '0:0:0:0:0:0:0:1', '::7f00:1', '::ffff:7f00:1', '::ffff:127.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::7f00:1', '2002:7f00:1::', '2001::80ff:fffe', 'fe80::5efe:7f00:1', 'fd00:ec2::254', 'ff02::1'];
const NETS = ['10.0.0.1', '172.16.0.1', '192.168.0.1', '169.254.169.254', '100.100.100.200', '192.0.0.192', '192.0.2.1', '198.18.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255', '168.63.129.16'];
const NAMES = ['localhost', 'LOCALHOST', 'localhost.', 'x.localhost', 'metadata.google.internal', 'printer.local', 'private.test', 'mixed.test', 'mixed6.test', 'aaaa.test', 'odd.test', 'public.internal', 'public.home.arpa'];
const HOSTS = [...V4, ...V6.map((a) => `[${a}]`), ...NETS, ...NAMES];

const TABLE: Record<string, string[]> = {
  localhost: ['127.0.0.1'],
  'x.localhost': ['::1'],
  'private.test': ['127.0.0.1'],
  'mixed.test': ['93.184.215.14', '127.0.0.1'],
  'mixed6.test': ['93.184.215.14', '::ffff:127.0.0.1'],
  'aaaa.test': ['::1'],
  'odd.test': ['not an address'],
  // A name that is private by its registration is refused even where a resolver knows a public address for it.
  'public.internal': ['192.88.98.1'],
  'public.home.arpa': ['192.88.98.1'],
};
const resolve = async (name: string): Promise<string[]> => TABLE[name.replace(/\.$/, '')] ?? Promise.reject(new Error('ENOTFOUND'));

const outcome = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
    return 'answered';
  } catch (error) {
    return isFailure(error) ? `${error.code} ${error.publicMessage}` : `foreign error ${error}`;
  }
};
const REFUSED = 'URL_NOT_ALLOWED The URL is not allowed';

let v4: Listener;
let v6: Listener;
beforeAll(async () => {
  v4 = await listenHttp((_, response) => response.end('secret'));
  v6 = await listenHttp((_, response) => response.end('secret'), { host: '::1' });
});
afterAll(() => Promise.all([v4.close(), v6.close()]));

const closed = createSafeFetch({ allow: [], resolve });

describe('nothing private is reached unless allowed', () => {
  const urls = (host: string, port: number): string[] => [
    `http://${host}:${port}/`,
    `HTTP://${host}:${port}/`,
    `https://${host}:${port}/x?y#z`,
    `http:\\\\${host}:${port}\\`,
    ` \thttp://${host}:${port}/`,
    `ht\ntp://${host}:${port}/`,
    `http:///${host}:${port}/`,
    `http:${host}:${port}`,
  ];

  it.each(HOSTS)('%s', async (host) => {
    for (const url of [...urls(host, v4.port), ...urls(host, v6.port), `http://${host}/`]) expect([url, await outcome(closed.request({ url }))]).toEqual([url, REFUSED]);
    for (const port of [v4.port, v6.port]) expect(await outcome(closed.dial({ host: host.replace(/%../g, ''), port }))).toBe(REFUSED);
    expect([v4.hits(), v6.hits()]).toEqual([0, 0]);
  });

  it.each([
    'file:///etc/passwd',
    'FILE:///etc/passwd',
    'gopher://8.8.8.8/',
    'GoPhEr://8.8.8.8/',
    'dict://8.8.8.8/',
    'ftp://8.8.8.8/',
    'ldap://8.8.8.8/',
    'jar:http://8.8.8.8/!/',
    'data:text/plain,x',
    'blob:http://8.8.8.8/x',
    'unix:/var/run/docker.sock',
    'http+unix://%2fvar%2frun%2fdocker.sock/',
    'ws://8.8.8.8/',
    'javascript:alert(1)',
    'http://user@8.8.8.8/',
    'http://user:password@8.8.8.8/',
    'http://:p@8.8.8.8/',
    'http://a@127.0.0.1/',
    'http://127.0.0.1\\@evil.test/',
    'http://8.8.8.8:22/',
    'http://8.8.8.8:6667/',
    'http://',
    'http://[::1',
    'http://8.8.8.8:99999/',
    'http://a b/',
    '//8.8.8.8/',
    '',
  ])('%p', async (url) => expect(await outcome(closed.request({ url }))).toBe(REFUSED));

  it.each(['', 'a b', '127.0.0.1:80', 'u@127.0.0.1', '8.8.8.8/x', '8.8.8.8\r\nX: y', 'fe80::1%lo', '8.8.8.8%00', '[::1', '8.8.8.8\0', '8.8.8.8#'])('dial %p', async (host) => {
    expect(await outcome(closed.dial({ host, port: v4.port }))).toBe(REFUSED);
  });

  it.each([0, -1, 65536, 1.5, NaN])('dial port %p', async (port) => expect(await outcome(closed.dial({ host: '8.8.8.8', port }))).toBe(REFUSED));
});

describe('positive controls: the same listeners answer when allowed', () => {
  const text = async (allow: string[], url: string): Promise<string> => {
    const { body } = await createSafeFetch({ allow, resolve }).request({ url });
    return Buffer.concat(await body.toArray()).toString();
  };

  it('by name, by address, by network, by port', async () => {
    expect(await text(['private.test'], `http://private.test:${v4.port}/`)).toBe('secret');
    expect(await text([`private.test:${v4.port}`], `http://PRIVATE.test.:${v4.port}/`)).toBe('secret');
    expect(await text(['127.0.0.1'], `http://private.test:${v4.port}/`)).toBe('secret');
    expect(await text(['127.0.0.0/8'], `http://localhost:${v4.port}/`)).toBe('secret');
    expect(await text([`127.0.0.1:${v4.port}`], `http://0x7f.1:${v4.port}/`)).toBe('secret');
    expect(await text(['::1'], `http://[::1]:${v6.port}/`)).toBe('secret');
  });

  it('and only what was allowed', async () => {
    const before = [v4.hits(), v6.hits()];
    const one = createSafeFetch({ allow: [`127.0.0.1:${v4.port}`, 'other.test', '::1/128'], resolve });
    for (const url of [`http://127.0.0.1:${v6.port}/`, `http://127.0.0.2:${v4.port}/`, `http://[::ffff:127.0.0.1]:${v4.port}/`]) {
      expect([url, await outcome(one.request({ url }))]).toEqual([url, REFUSED]);
    }
    const deny = createSafeFetch({ allow: ['private.test', '127.0.0.0/8'], deny: ['127.0.0.1'], resolve });
    expect(await outcome(deny.request({ url: `http://private.test:${v4.port}/` }))).toBe(REFUSED);
    const denyName = createSafeFetch({ allow: ['127.0.0.0/8'], deny: ['private.test'], resolve });
    expect(await outcome(denyName.request({ url: `http://private.test:${v4.port}/` }))).toBe(REFUSED);
    expect([v4.hits(), v6.hits()]).toEqual(before);
  });

  it('dial hands out a connected socket', async () => {
    const socket = await createSafeFetch({ allow: ['127.0.0.1'] }).dial({ host: '2130706433', port: v4.port });
    expect(socket.remoteAddress).toBe('127.0.0.1');
    socket.destroy();
  });
});

describe('DNS rebinding', () => {
  it('looks up once a hop and dials what it checked, however the name flips', async () => {
    let asked = 0;
    const flipping = createSafeFetch({
      allow: [`127.0.0.1:${v4.port}`],
      // The first answer is fit to be dialled, the second would reach the other listener's family.
      resolve: async () => ((asked += 1) % 2 === 1 ? ['127.0.0.1'] : ['::1']),
    });
    const url = `http://rebind.test:${v4.port}/`;
    const [before4, before6] = [v4.hits(), v6.hits()];
    const results: string[] = [];
    for (let trial = 0; trial < 200; trial += 1) {
      results.push(await outcome(flipping.request({ url }).then(({ body }) => body.toArray())));
    }
    expect(results).toEqual(Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 'answered' : REFUSED)));
    expect([asked, v4.hits() - before4, v6.hits() - before6]).toEqual([200, 100, 0]);
  });

  it('refuses a private answer in every one of 10,000 trials', async () => {
    const before = v4.hits();
    const privateSet = ['127.0.0.1', '::1', '::ffff:127.0.0.1', '10.0.0.1'];
    let asked = 0;
    const flipping = createSafeFetch({ allow: [], resolve: async () => ['1.1.1.1', privateSet[(asked += 1) % privateSet.length]!] });
    const results = new Set<string>();
    for (let trial = 0; trial < 10_000; trial += 1) results.add(await outcome(flipping.request({ url: `http://rebind.test:${v4.port}/` })));
    expect([[...results], asked, v4.hits() - before]).toEqual([[REFUSED], 10_000, 0]);
  });
});
