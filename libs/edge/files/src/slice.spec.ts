import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { slice } from './slice';

it('gives the bytes of a range, however they come', async () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 5 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(chunks, fc.nat(40), fc.nat(40), async (parts, a, b) => {
      const whole = Buffer.concat(parts);
      const [start, end] = a < b ? [a, b] : [b, a];
      const cut = await buffer(slice(Readable.from(parts.map((part) => Buffer.from(part))), { start, end }));
      expect(cut.equals(whole.subarray(start, end + 1))).toBe(true);
    }),
  );
});

const endless = (): Readable =>
  Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(10);
    })(),
  );

it('reads no further than it has to, and lets its source go', async () => {
  const source = endless();
  expect(await buffer(slice(source, { start: 15, end: 24 }))).toHaveLength(10);
  expect(source.destroyed).toBe(true);
});

it('lets its source go when it is given up', async () => {
  const source = endless();
  const cut = slice(source, { start: 0, end: 1e9 });
  for await (const _ of cut) break;
  expect([cut.destroyed, source.destroyed]).toEqual([true, true]);
});

it('ends with the error of its source', async () => {
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from('a');
      throw new Error('lost');
    })(),
  );
  await expect(buffer(slice(broken, { start: 0, end: 9 }))).rejects.toThrow('lost');
});
