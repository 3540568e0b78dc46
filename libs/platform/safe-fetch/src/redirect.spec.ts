import { Readable } from 'node:stream';
import { firstHop, isRedirect, nextHop } from './redirect';
import { cleanHeaders } from './request-headers';

const HEADERS = { authorization: 'Bearer s3cret', cookie: 'a=b', 'x-key': 'k', 'x-amz-security-token': 't', accept: 'image/*', 'content-type': 'text/plain' };
const from = (url: string, method = 'GET', body?: string | Readable) => firstHop(new URL(url), method, HEADERS, body);

describe('nextHop', () => {
  it('keeps all headers on the same origin', () => {
    expect(nextHop(from('https://a.test/x'), 307, '/y?z#frag')).toMatchObject({ url: new URL('https://a.test/y?z'), headers: HEADERS });
  });

  it.each(['https://b.test/', '//b.test/', 'https://a.test:444/', 'https://sub.a.test/', '\\\\b.test/'])('keeps only harmless headers towards %s', (location) => {
    expect(nextHop(from('https://a.test/x'), 302, location).headers).toEqual({ accept: 'image/*', 'content-type': 'text/plain' });
  });

  it('goes up to https, and down only when no credentials were ever given', () => {
    expect(nextHop(from('http://a.test/'), 301, 'https://a.test/').url.protocol).toBe('https:');
    const elsewhere = nextHop(from('https://a.test/'), 301, 'https://b.test/');
    for (const hop of [from('https://a.test/'), elsewhere]) {
      expect(() => nextHop(hop, 301, 'http://b.test/')).toThrow(expect.objectContaining({ code: 'URL_NOT_ALLOWED' }));
    }
    const bare = firstHop(new URL('https://a.test/'), 'GET', { accept: '*/*' }, undefined);
    expect(nextHop(bare, 301, 'http://a.test/').url.href).toBe('http://a.test/');
  });

  it.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [301, 'PUT', 'PUT'],
    [307, 'POST', 'POST'],
    [308, 'POST', 'POST'],
  ])('%i turns %s into %s', (status, method, next) => {
    const hop = nextHop(from('https://a.test/', method, 'body'), status, '/b');
    expect([hop.method, hop.body]).toEqual([next, next === 'GET' ? undefined : 'body']);
  });

  it('does not send a stream twice', () => {
    const hop = from('https://a.test/', 'POST', Readable.from(['x']));
    expect(() => nextHop(hop, 307, '/b')).toThrow(expect.objectContaining({ code: 'DOWNLOAD_FAILED' }));
    expect(nextHop(hop, 303, '/b').body).toBeUndefined();
  });

  it.each(['file:///etc/passwd', 'GoPher://x', 'http://u:p@b.test/', 'http://', 'data:,x'])('refuses the location %s', (location) => {
    expect(() => nextHop(from('http://a.test/'), 302, location)).toThrow(expect.objectContaining({ code: 'URL_NOT_ALLOWED' }));
  });

  it('reads unescaped UTF-8 in a location', () => {
    const raw = Buffer.from('/größe').toString('latin1');
    expect(nextHop(from('http://a.test/'), 302, raw).url.pathname).toBe('/gr%C3%B6%C3%9Fe');
  });
});

test('only a redirect status with a location is a redirect', () => {
  expect([isRedirect(302, '/x'), isRedirect(302, undefined), isRedirect(304, '/x'), isRedirect(300, '/x'), isRedirect(200, '/x')]).toEqual([true, false, false, false, false]);
});

describe('cleanHeaders', () => {
  it('drops what belongs to the connection', () => {
    const given = { Host: 'b', 'Transfer-Encoding': 'chunked', 'Content-Length': '9', 'Accept-Encoding': 'gzip', Connection: 'upgrade', Upgrade: 'h2c', 'X-Key': 'k' };
    expect(cleanHeaders(given)).toEqual({ 'x-key': 'k' });
  });

  it.each([{ 'a b': 'x' }, { a: 'x\r\ny: z' }, { 'a\r\nb': 'x' }, { a: 'x\0' }, { '': 'x' }])('refuses %j without repeating it', (headers) => {
    let thrown: unknown;
    try {
      cleanHeaders(headers as unknown as Record<string, string>);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'INVALID_INPUT', publicMessage: 'A request header has a name or a value that HTTP does not allow' });
    expect(thrown).not.toHaveProperty('cause');
  });
});
