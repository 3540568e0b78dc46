import { inWords, secondsOf } from './times';

it.each([
  ['90', 90],
  ['0.25', 0.25],
  ['1:30', 90],
  ['00:01:30.5', 90.5],
  ['100:00:00', 360_000],
  [' 5 ', 5],
])('%j is %d seconds', (time, seconds) => expect(secondsOf(time)).toBe(seconds));

it.each(['', 'soon', '-5', '1:60', '1:2:3:4', '5s', '5;rm', '1e3', '0x10', '::', '5\n'.repeat(2)])('%j is no time', (time) => expect(secondsOf(time)).toBeUndefined());

test('seconds are told with two decimals at most', () => expect([inWords(3), inWords(1.23456)]).toEqual(['3 seconds', '1.23 seconds']));
