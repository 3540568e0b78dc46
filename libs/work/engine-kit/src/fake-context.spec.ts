import { Readable } from 'node:stream';
import { fakeContext } from './fake-context';
import { isLocalOutput } from './files';

describe('fakeContext', () => {
  it('records what an engine does with it', async () => {
    const ctx = fakeContext({ options: { width: 3 } });
    ctx.progress(40);
    ctx.log.warn({}, 'odd');
    const output = await ctx.put('a.txt', Readable.from([Buffer.from('ab'), 'c']));
    expect(output).toEqual({ blob: 'task-1/run-1/0', filename: 'a.txt', size: 3 });
    expect(Buffer.from(ctx.stored.get(output.blob)!).toString()).toBe('abc');
    expect([ctx.reported, ctx.logged, ctx.options]).toEqual([[40], ['warn: odd'], { width: 3 }]);
  });

  it('refuses more than maxBytes and stores nothing', async () => {
    const ctx = fakeContext();
    await expect(ctx.put('a', Readable.from([Buffer.alloc(4)]), { maxBytes: 3 })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(ctx.stored.size).toBe(0);
    await expect(ctx.put('a', Readable.from([Buffer.alloc(3)]), { maxBytes: 3 })).resolves.toMatchObject({ size: 3 });
  });
});

test('an output on disk is told from a stored one', () => {
  expect(isLocalOutput({ path: '/out/a', filename: 'a' })).toBe(true);
  expect(isLocalOutput({ blob: 'b', filename: 'a', size: 1 })).toBe(false);
});
