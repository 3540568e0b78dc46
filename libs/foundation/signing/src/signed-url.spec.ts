import fc from 'fast-check';
import { isFailure } from '@millrace/failures';
import { signUrl, verifySignedUrl } from './signed-url';

const SECRET = 'a secret of the installation';
const EXPIRES = new Date('2026-03-01T12:00:00Z');
const BEFORE = new Date(EXPIRES.getTime() - 1);
const PATH = '/files/0a1b/My%20file.pdf';
const url = signUrl(SECRET, { method: 'GET', path: PATH, params: { inline: '1', name: "a+b ü'&=.pdf" }, expiresAt: EXPIRES });

function outcome(rawUrl: string, { secret = SECRET, method = 'GET', now = BEFORE } = {}): unknown {
  try {
    return verifySignedUrl(secret, method, rawUrl, now);
  } catch (error) {
    return isFailure(error) ? error.code : error;
  }
}

describe('a signed URL', () => {
  it('gives its params back, and survives the parser of a client', () => {
    const params = { inline: '1', name: "a+b ü'&=.pdf" };
    expect(outcome(url)).toEqual(params);
    const parsed = new URL(url, 'https://example.org');
    expect(parsed.pathname + parsed.search).toBe(url);
  });

  it('gives back any params', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}$/), fc.string({ unit: 'grapheme' })), (params) => {
        fc.pre(!['exp', 'kid', 'sig'].some((name) => Object.hasOwn(params, name)));
        const signed = signUrl(SECRET, { method: 'GET', path: '/f', params, expiresAt: EXPIRES });
        expect(outcome(signed)).toEqual({ ...params });
      }),
    );
  });

  it('works until its expiry, exactly', () => {
    expect(outcome(url, { now: EXPIRES })).toBe('GONE');
    expect(outcome(url, { now: new Date(EXPIRES.getTime() + 1000) })).toBe('GONE');
    expect(outcome(url, { now: new Date(NaN) })).toBe('GONE');
  });

  it('is bound to its method, path and secret', () => {
    expect(outcome(url, { method: 'PUT' })).toBe('FORBIDDEN');
    expect(outcome(url, { secret: 'another secret' })).toBe('FORBIDDEN');
    expect(outcome(url.replace('0a1b', '0a1c'))).toBe('FORBIDDEN');
  });

  it('is accepted under the former secret while a rotation lasts', () => {
    expect(verifySignedUrl(['the new secret', SECRET], 'GET', url, BEFORE)).toMatchObject({ inline: '1' });
    expect(() => verifySignedUrl(['the new secret'], 'GET', url, BEFORE)).toThrow('FORBIDDEN');
  });

  const [head, sig] = [url.slice(0, url.lastIndexOf('&')), url.slice(url.lastIndexOf('&') + 1)];
  it.each([
    ['an extra param', `${head}&x=1&${sig}`],
    ['a duplicate', `${head}&inline=1&${sig}`],
    ['a duplicate expiry', `${url.replace('exp=', 'exp=99999999999&exp=')}`],
    ['a param after the signature', `${url}&x=1`],
    ['another order', `${PATH}?${head.slice(head.indexOf('?') + 1).split('&').reverse().join('&')}&${sig}`],
    ['the signature first', `${PATH}?${sig}&${head.slice(head.indexOf('?') + 1)}`],
    ['a later expiry', url.replace(/exp=(\d)/, 'exp=9$1')],
    ['no signature', head],
    ['an empty signature', `${head}&sig=`],
    ['a cut signature', url.slice(0, -1)],
    ['two signatures', `${url}&${sig}`],
    ['an encoded slash', url.replace('/0a1b/', '%2f0a1b/')],
    ['an encoded dot', url.replace('.pdf?', '%2Epdf?')],
    ['another spelling of a param', url.replace('%20', '+')],
    ['lower-case hex', url.replace('%3D', '%3d')],
    ['a broken escape', url.replace('%3D', '%zz')],
    ['a NUL', url.replace('.pdf?', '.pdf%00?')],
    ['another key id', url.replace(/kid=./, 'kid=*')],
    ['no query', PATH],
    ['nothing', ''],
  ])('is refused with %s', (_, changed) => {
    expect(changed).not.toBe(url);
    expect(outcome(changed)).toBe('FORBIDDEN');
  });

  it('is never accepted after a mutation', () => {
    const mutation = fc.tuple(fc.nat(url.length), fc.nat(4), fc.string({ unit: 'binary-ascii', maxLength: 4 }));
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
        const changed = mutations.reduce((text, [at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut), url);
        fc.pre(changed !== url);
        expect(outcome(changed)).toBe('FORBIDDEN');
      }),
      { numRuns: 5000 },
    );
  });

  it.each(['files/x', '/a b', '/a?b=1', '/a#b', '/a%2x', '/a%2f', '/ä', "/it's"])('is not made for the path %s', (path) => {
    expect(() => signUrl(SECRET, { method: 'GET', path, expiresAt: EXPIRES })).toThrow(TypeError);
  });

  it('is not made for reserved names, an empty secret or no date', () => {
    for (const name of ['exp', 'kid', 'sig', 'a&b', '']) expect(() => signUrl(SECRET, { method: 'GET', path: '/', params: { [name]: '1' }, expiresAt: EXPIRES })).toThrow(TypeError);
    expect(() => signUrl('', { method: 'GET', path: '/', expiresAt: EXPIRES })).toThrow(TypeError);
    expect(() => signUrl(SECRET, { method: 'GET', path: '/', expiresAt: new Date(NaN) })).toThrow(TypeError);
  });
});
