import fc from 'fast-check';
import { hmacSha256Hex, safeEqual } from './digest';

describe('hmacSha256Hex', () => {
  it('agrees with RFC 4231 test case 2', () => {
    expect(hmacSha256Hex('Jefe', 'what do ya want for nothing?')).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
  });

  it('takes text and its UTF-8 bytes alike', () => {
    expect(hmacSha256Hex('s', Buffer.from('{"näme":1}'))).toBe(hmacSha256Hex('s', '{"näme":1}'));
  });
});

describe('safeEqual', () => {
  it('is equality, for values of any length', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => safeEqual(a, b) === (Buffer.from(a).equals(Buffer.from(b)))));
    fc.assert(fc.property(fc.uint8Array(), (a) => safeEqual(a, Uint8Array.from(a)) && !safeEqual(a, Uint8Array.from([...a, 0]))));
  });
});
