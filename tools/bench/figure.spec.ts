import { figure, median, quantile, table } from './figure';

it('medians and slow ends are values that were measured', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(quantile([4, 1, 3, 2], 0.99)).toBe(4);
  expect(() => median([])).toThrow(RangeError);
});

it('an aim is judged by the value before rounding', () => {
  const missed = figure('a', 60.0004, 'ms', '<= 60 ms', (value) => value <= 60);
  expect(missed).toMatchObject({ value: 60, met: false, yardstick: null, ratio: null });
  expect(figure('b', 130, 'ms', '<= 1.3x', (_, ratio) => ratio <= 1.3, 100)).toMatchObject({ ratio: 1.3, met: true });
  expect(table([missed]).split('\n')[1]).toMatch(/^a +60 +ms +- +- +<= 60 ms +NO$/);
});
