import { crc32, deflateSync } from 'node:zlib';
import type { TaskContext } from '@millrace/engine-kit';
import { EngineBench } from '../testing/engine-bench';
import { sharpEngine } from './sharp-engine';
import { factsOf, frames, noise, photo, plain, svg } from './testing/images';
import { loopTiff } from './testing/mixed-tiff';
import { tinyGif } from './testing/tiny-gif';

const bench = new EngineBench(sharpEngine);
beforeAll(() => bench.start());
beforeEach(() => bench.open());
// The same worker serves the next customer.
afterEach(async () => {
  expect((await run(await plain().png().toBuffer(), 'png', { output_format: 'jpg' }))[0]!.length).toBeGreaterThan(0);
  bench.close();
});

const run = async (bytes: Buffer, type: string | undefined, options: Record<string, unknown> = {}, more: Partial<TaskContext> = {}) =>
  (await bench.run([{ bytes, type }], { output_format: 'jpg', ...options }, more)).outputs.map((output) => output.bytes);

const refused = (bytes: Buffer, type: string | undefined, code: string, message = '', options: Record<string, unknown> = {}, more: Partial<TaskContext> = {}) =>
  expect(run(bytes, type, options, more)).rejects.toMatchObject({ code, publicMessage: expect.stringContaining(message) });

/** One chunk of a png. */
function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A png of one bit a pixel, whose header says `side` squared and whose content is 100 rows. */
function lyingPng(side: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.writeUInt8(1, 8);
  const rows = deflateSync(Buffer.alloc((Math.ceil(side / 8) + 1) * 100));
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

describe('the engine sharp and bad files', () => {
  it('refuses what is no image, saying so', async () => {
    await refused(Buffer.alloc(0), 'png', 'INVALID_INPUT', 'is empty');
    await refused(Buffer.from('hello'), undefined, 'INVALID_INPUT', 'not a readable image');
    await refused(Buffer.from('%PDF-1.7'), 'pdf', 'INVALID_INPUT', 'not a readable image');
    await refused(Buffer.from('x'), '__proto__', 'INVALID_INPUT', 'not a readable image');
  });

  it('refuses damaged and cut images', async () => {
    const png = await plain(400, 400).png().toBuffer();
    png.fill(0x55, 60, 400);
    await refused(png, 'png', 'INVALID_INPUT', 'damaged');
    const jpg = await photo();
    await refused(jpg.subarray(0, jpg.length / 2), 'jpg', 'INVALID_INPUT', 'damaged');
    for (const type of ['avif', 'tiff', 'webp'] as const) {
      const bytes = await noise(200, 200).toFormat(type).toBuffer();
      await refused(bytes.subarray(0, bytes.length / 2), type, 'INVALID_INPUT', 'damaged');
      expect(await run(bytes, type)).toHaveLength(1);
    }
  });

  it('opens a file only as the type its content was found to be', async () => {
    const gif = await plain().gif().toBuffer();
    // Found to be one thing, really another: the loader of the other stays blocked.
    await refused(gif, 'png', 'INVALID_INPUT', 'damaged');
    await refused(await plain().webp().toBuffer(), 'jpg', 'INVALID_INPUT', 'damaged');
    await refused(svg(''), 'gif', 'INVALID_INPUT', 'damaged');
    expect(await run(gif, 'gif')).toHaveLength(1);
  });

  it('shows nothing of its memory in a cut gif: twice the same, after a picture with a secret', async () => {
    const gif = await noise(600, 600).gif().toBuffer();
    const cut = gif.subarray(0, gif.length / 3);
    const attempt = () => run(cut, 'gif', { output_format: 'png' }).catch((error: { code: string }) => error.code);
    await run(await plain(600, 600, '#ff00ff').png().toBuffer(), 'png', { output_format: 'png' });
    const once = await attempt();
    await run(await plain(600, 600, '#00ffff').png().toBuffer(), 'png', { output_format: 'png' });
    expect(await attempt()).toEqual(once);
    expect(once).toBe('INVALID_INPUT');
    expect(await run(gif, 'gif', { output_format: 'png' })).toHaveLength(1);
  });

  it('refuses what the output format cannot hold', async () => {
    await refused(await plain(20_000, 2).png().toBuffer(), 'png', 'LIMIT_EXCEEDED', 'output format', { output_format: 'webp' });
    await refused(await plain(20_000, 2).png().toBuffer(), 'png', 'LIMIT_EXCEEDED', 'output format', { output_format: 'avif' });
  });

  it('stops with its task, and at its deadline', async () => {
    const png = await plain().png().toBuffer();
    await refused(png, 'png', 'CANCELLED', '', {}, { signal: AbortSignal.abort() });
    await refused(png, 'png', 'TIMEOUT', '', {}, { deadline: new Date(0) });
  });
});

describe('the engine sharp and bombs', () => {
  it('refuses small files that unpack to gigapixels', async () => {
    await refused(lyingPng(60_000), 'png', 'LIMIT_EXCEEDED', '268,402,689 pixels');
    await refused(svg('', 'width="30000" height="30000"'), 'svg', 'LIMIT_EXCEEDED', 'pixels');
    await refused(svg('', 'width="2000000" height="2000000"'), 'svg', 'LIMIT_EXCEEDED');
    await refused(svg('', 'width="2000" height="2000"'), 'svg', 'LIMIT_EXCEEDED', 'pixels', { pixel_density: 1200 });
    // Within the limit, its header still lies.
    await refused(lyingPng(600), 'png', 'INVALID_INPUT', 'damaged');
  });

  it('refuses sides that make gigapixels of few', async () => {
    await refused(await plain(4, 20_000).png().toBuffer(), 'png', 'LIMIT_EXCEEDED', 'pixels', { width: 16_383, fit: 'scale' });
    await refused(svg('', 'width="4" height="20000"'), 'svg', 'LIMIT_EXCEEDED', 'pixels', { width: 16_383 });
    const lying = await plain(20_000, 4).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    await refused(lying, 'jpg', 'LIMIT_EXCEEDED', 'pixels', { width: 16_383, fit: 'scale' });
    expect((await factsOf((await run(lying, 'jpg', { height: 16_383, fit: 'scale' }))[0]!)).height).toBe(16_383);
    expect((await factsOf((await run(await plain(4, 20).png().toBuffer(), 'png', { width: 16, fit: 'scale' }))[0]!)).height).toBe(80);
  });

  it('refuses 20,000 frames where it would have to keep them', async () => {
    await refused(tinyGif(16, 16, 20_000), 'gif', 'LIMIT_EXCEEDED', '3,000 frames', { output_format: 'webp' });
    expect(await run(tinyGif(16, 16, 2000), 'gif', { output_format: 'webp' })).toHaveLength(1);
    // One frame is all that a jpg shows.
    expect(await run(tinyGif(16, 16, 20_000), 'gif')).toHaveLength(1);
  });

  it('ends a tiff whose directories are a ring', async () => {
    const tiff = await frames('tiff');
    const outcome = await run(loopTiff(tiff), 'tiff', { output_format: 'png' }).then(
      (outputs) => outputs.length,
      (error: { code: string }) => error.code,
    );
    expect([3, 'INVALID_INPUT']).toContain(outcome);
    expect(await run(tiff, 'tiff', { output_format: 'png' })).toHaveLength(3);
  });

  it('does not unpack 256 MiB of comment in a png', async () => {
    const png = await plain().png().toBuffer();
    const bomb = (bytes: number) => Buffer.concat([png.subarray(0, 33), chunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0'), deflateSync(Buffer.alloc(bytes, 65))])), png.subarray(33)]);
    const { outputs } = await bench.run([{ bytes: bomb(256 * 1024 ** 2), type: 'png' }], { output_format: 'png' });
    expect(outputs[0]!.bytes.length).toBeLessThan(1_000_000);
    const [small] = await run(bomb(10), 'png', { output_format: 'png' });
    expect((await factsOf(small!)).comments).toEqual([{ keyword: 'Comment', text: 'A'.repeat(10) }]);
  });

  it.each([
    ['billion laughs', () => {
      const levels = [...'bcdefghij'].map((name, index) => `<!ENTITY ${name} "${`&${String.fromCharCode(97 + index)};`.repeat(10)}">`);
      return Buffer.from(`<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">${levels.join('')}]>${svg('<text>&j;</text>')}`);
    }],
    ['nested use', () => {
      const level = (depth: number) => `<g id="g${depth}">${`<use xlink:href="#g${depth - 1}"/>`.repeat(10)}</g>`;
      return svg(`<defs><g id="g0"><rect width="1" height="1"/></g>${[1, 2, 3, 4, 5, 6, 7, 8].map(level).join('')}</defs><use xlink:href="#g8"/>`);
    }],
  ])('refuses an svg that unfolds without end: %s', async (_, make) => {
    await refused(make(), 'svg', 'LIMIT_EXCEEDED', 'too many elements', { output_format: 'png' });
    expect(await run(svg('<defs><g id="a"><rect width="1" height="1"/></g></defs><use xlink:href="#a"/><use xlink:href="#a"/>'), 'svg')).toHaveLength(1);
  });
});
