import { matches, parseRange } from './byte-range';

it.each([
  [undefined, 10, 'whole'],
  ['bytes=0-0', 10, { start: 0, end: 0 }],
  ['bytes=9-', 10, { start: 9, end: 9 }],
  ['bytes=-20', 10, { start: 0, end: 9 }],
  ['bytes=-0', 10, 'none'],
  ['bytes=0-', 0, 'none'],
  ['bytes=-5', 0, 'none'],
  ['bytes=-', 10, 'whole'],
  ['bytes=1-2,4-5', 10, 'whole'],
  ['bytes=99999999999999999999-', 10, 'none'],
])('reads %s of %i bytes', (header, size, expected) => {
  expect(parseRange(header, size)).toEqual(expected);
});

it('compares ETags weakly', () => {
  expect([matches('*', '"a"'), matches('"b", W/"a"', '"a"'), matches('"b"', '"a"'), matches(undefined, '"a"')]).toEqual([true, true, false, false]);
});
