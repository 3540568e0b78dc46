import sharp from 'sharp';
import { EngineBench } from '../testing/engine-bench';
import { sharpEngine } from './sharp-engine';
import { centre, factsOf, frames, plain, svg } from './testing/images';
import { joinTiffs } from './testing/mixed-tiff';
import { tinyGif } from './testing/tiny-gif';

const bench = new EngineBench(sharpEngine);
beforeAll(() => bench.start());
beforeEach(() => bench.open());
afterEach(() => bench.close());

const RED = [255, 0, 0];
const GREEN = [0, 255, 0];
const BLUE = [0, 0, 255];
const rgb = async (bytes: Buffer, page = 0) => (await centre(bytes, page)).slice(0, 3).map((value) => (value > 245 ? 255 : value < 10 ? 0 : value));

describe('frames of an animation', () => {
  it.each([
    ['gif', 'webp'],
    ['webp', 'gif'],
    ['gif', 'gif'],
    ['webp', 'webp'],
  ] as const)('stay with their times from %s to %s, each resized', async (from, to) => {
    const { outputs } = await bench.run([{ bytes: await frames(from), type: from }], { output_format: to, width: 20 });
    expect(outputs).toHaveLength(1);
    const { bytes } = outputs[0]!;
    expect(await factsOf(bytes)).toMatchObject({ format: to, pages: 3, width: 20, pageHeight: 10, delay: [100, 150, 200], loop: 4 });
    expect([await rgb(bytes, 0), await rgb(bytes, 1), await rgb(bytes, 2)]).toEqual([RED, GREEN, BLUE]);
  });

  it.each([
    ['max', [20, 10]],
    ['crop', [20, 20]],
    ['scale', [20, 20]],
  ])('fit %s holds for each of them', async (fit, [width, pageHeight]) => {
    const { outputs } = await bench.run([{ bytes: await frames('gif'), type: 'gif' }], { output_format: 'webp', width: 20, height: 20, fit });
    expect(await factsOf(outputs[0]!.bytes)).toMatchObject({ pages: 3, width, pageHeight });
  });

  it.each(['png', 'jpg', 'avif', 'tiff'])('become the first one as %s', async (to) => {
    const { outputs } = await bench.run([{ bytes: await frames('gif'), type: 'gif' }], { output_format: to });
    expect(outputs).toHaveLength(1);
    expect([(await factsOf(outputs[0]!.bytes)).pages ?? 1, await rgb(outputs[0]!.bytes)]).toEqual([1, RED]);
  });

  it('count together against the limit of pixels', async () => {
    // Four million each; libnsgif does not believe sides of more than 2,048.
    const large = (count: number) => bench.run([{ bytes: tinyGif(2000, 2000, count), type: 'gif' }], { output_format: 'webp', width: 10 });
    await expect(large(68)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED', publicMessage: expect.stringContaining('all frames together') });
    expect((await large(6)).outputs).toHaveLength(1);
    const small = { bytes: await frames('gif'), type: 'gif' };
    await expect(bench.run([small], { output_format: 'gif', width: 10_000, height: 10_000, fit: 'scale' })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect((await bench.run([small], { output_format: 'gif', width: 100, height: 100, fit: 'scale' })).outputs).toHaveLength(1);
  });
});

describe('pages of a tiff', () => {
  it('stay together in a tiff', async () => {
    const { outputs } = await bench.run([{ bytes: await frames('tiff'), type: 'tiff' }], { output_format: 'tiff', width: 20 });
    expect(outputs.map(({ filename }) => filename)).toEqual(['photo.orig.tiff']);
    expect(await factsOf(outputs[0]!.bytes)).toMatchObject({ pages: 3, width: 20, pageHeight: 10 });
    expect([await rgb(outputs[0]!.bytes, 0), await rgb(outputs[0]!.bytes, 2)]).toEqual([RED, BLUE]);
  });

  it.each(['png', 'jpg', 'webp', 'gif'])('become a %s each', async (to) => {
    const { outputs } = await bench.run([{ bytes: await frames('tiff'), type: 'tiff', filename: 'scan.tif' }], { output_format: to });
    expect(outputs.map(({ filename, expect: type }) => [filename, type])).toEqual([1, 2, 3].map((page) => [`scan-${page}.${to}`, to]));
    expect(await Promise.all(outputs.map(({ bytes }) => rgb(bytes)))).toEqual([RED, GREEN, BLUE]);
  });

  it('that differ in size become a tiff each', async () => {
    const page = (width: number, colour: string) => plain(width, 10, colour).tiff({ compression: 'none' }).toBuffer();
    const mixed = joinTiffs(await page(30, '#ff0000'), await page(50, '#00ff00'));
    const { outputs } = await bench.run([{ bytes: mixed, type: 'tiff' }], { output_format: 'tiff' });
    expect(await Promise.all(outputs.map(async ({ bytes }) => [(await factsOf(bytes)).width, await rgb(bytes)]))).toEqual([
      [30, RED],
      [50, GREEN],
    ]);
  });
});

describe('names', () => {
  it('are those of the option filename, numbered where there are several', async () => {
    const [tiff, png] = [{ bytes: await frames('tiff'), type: 'tiff' }, { bytes: await plain().png().toBuffer(), type: 'png' }];
    const names = async (inputs: { bytes: Buffer; type: string }[], filename: string) =>
      (await bench.run(inputs, { output_format: 'webp', filename })).outputs.map((output) => output.filename);
    expect(await names([png], 'mine.webp')).toEqual(['mine.webp']);
    expect(await names([png, tiff], 'page-%02d.webp')).toEqual(['page-01.webp', 'page-02.webp', 'page-03.webp', 'page-04.webp']);
    expect(await names([tiff], 'p.webp')).toEqual(['p-1.webp', 'p-2.webp', 'p-3.webp']);
  });
});

describe('a thumbnail', () => {
  const thumbnail = (bytes: Buffer, type: string, options: Record<string, unknown> = {}) =>
    bench.run([{ bytes, type }], { output_format: 'png', ...options }, { operation: 'thumbnail' });
  const sizes = async (result: ReturnType<typeof thumbnail>) =>
    Promise.all((await result).outputs.map(async ({ bytes }) => sharp(bytes).metadata().then(({ width, height }) => [width, height])));

  it('fits a box of 300 pixels and is never enlarged', async () => {
    expect(await sizes(thumbnail(await plain(900, 600).jpeg().toBuffer(), 'jpg'))).toEqual([[300, 200]]);
    expect(await sizes(thumbnail(await plain(90, 60).jpeg().toBuffer(), 'jpg'))).toEqual([[90, 60]]);
    expect(await sizes(thumbnail(svg('<rect width="9" height="9"/>', 'width="20" height="10"'), 'svg'))).toEqual([[300, 150]]);
  });

  it('has the size and the fit that it is asked for', async () => {
    const source = await plain(900, 600).jpeg().toBuffer();
    expect(await sizes(thumbnail(source, 'jpg', { width: 60 }))).toEqual([[60, 40]]);
    expect(await sizes(thumbnail(source, 'jpg', { width: 60, height: 60, fit: 'crop' }))).toEqual([[60, 60]]);
    expect(await sizes(thumbnail(source, 'jpg', { width: 60, height: 60, fit: 'scale' }))).toEqual([[60, 60]]);
  });

  it.each(['png', 'jpg', 'webp'])('is one %s of the first frame unless more are counted', async (output_format) => {
    const gif = await frames('gif');
    const one = await thumbnail(gif, 'gif', { output_format });
    expect(one.outputs.map(({ filename, expect: type }) => [filename, type])).toEqual([[`photo.orig.${output_format}`, output_format]]);
    expect([await rgb(one.outputs[0]!.bytes), (await factsOf(one.outputs[0]!.bytes)).pages ?? 1]).toEqual([RED, 1]);
    const two = await thumbnail(gif, 'gif', { output_format, count: 2 });
    expect(await Promise.all(two.outputs.map(({ bytes }) => rgb(bytes)))).toEqual([RED, GREEN]);
    expect((await thumbnail(gif, 'gif', { output_format, count: 9 })).outputs).toHaveLength(3);
  });

  it('carries no metadata', async () => {
    const tagged = await plain().withExif({ IFD0: { Copyright: 'canary owner' } }).jpeg().toBuffer();
    expect((await thumbnail(tagged, 'jpg', { output_format: 'jpg' })).outputs[0]!.bytes.includes('canary owner')).toBe(false);
    expect((await thumbnail(tagged, 'jpg', { output_format: 'jpg', strip: false })).outputs[0]!.bytes.includes('canary owner')).toBe(true);
  });
});

describe('a step over mixed inputs', () => {
  it('converts what it reads and passes on the rest by reference, in order', async () => {
    const inputs = [
      { bytes: Buffer.from('%PDF-1.7'), type: 'pdf', filename: 'a.pdf' },
      { bytes: await plain().jpeg().toBuffer(), type: 'jpg', filename: 'b.jpg' },
      { bytes: await plain().png().toBuffer(), type: 'png', filename: 'c.png' },
      { bytes: Buffer.from('words'), type: undefined, filename: 'd.txt' },
    ];
    const { files } = await bench.run(inputs, { output_format: 'png', pass_others: true, filename: 'all.pdf' });
    const reference = (index: number) => {
      const { bytes, type, filename } = inputs[index]!;
      return { blob: `blob-${index}`, filename, size: bytes.length, type, mime: 'x/y', md5: `md5-${index}`, sha256: `sha256-${index}` };
    };
    expect(files).toEqual([reference(0), { path: expect.any(String), filename: 'b.png', expect: 'png' }, reference(2), reference(3)]);
  });

  it('refuses the same inputs when it is the only step', async () => {
    await expect(bench.run([{ bytes: Buffer.from('%PDF-1.7'), type: 'pdf' }], { output_format: 'png' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});
