import { Bounds } from './bounds';

it('counts by key, up to the bound', () => {
  const bounds = new Bounds<string>(2);
  expect([bounds.take('a'), bounds.take('a'), bounds.take('a'), bounds.take('b'), bounds.full()]).toEqual([true, true, false, true, ['a']]);
  bounds.release('a');
  expect([bounds.full(), bounds.take('a')]).toEqual([[], true]);
});
