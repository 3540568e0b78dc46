import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { EngineBench } from '../testing/engine-bench';
import { pdf, type Page } from '../testing/pdf';
import { popplerEngine } from './poppler-engine';

const bench = new EngineBench(popplerEngine);
beforeAll(() => bench.start());
beforeEach(() => bench.open());
afterEach(() => bench.close());

const show = (bytes: Buffer, options: Record<string, unknown>, more: object = {}) => bench.run([{ bytes, type: 'pdf', filename: 'report.pdf' }], { output_format: 'png', ...options }, more);
const bytesOf = async (bytes: Buffer, options: Record<string, unknown>, more: object = {}) => (await show(bytes, options, more)).outputs.map((output) => output.bytes);
const sizesOf = async (bytes: Buffer, options: Record<string, unknown>, more: object = {}) =>
  Promise.all((await bytesOf(bytes, options, more)).map(async (picture) => sharp(picture).metadata().then(({ width, height }) => [width, height])));
const textOf = async (bytes: Buffer, options: Record<string, unknown> = {}) => (await bytesOf(bytes, { output_format: 'txt', ...options }))[0]!.toString().split('\f').slice(0, -1).map((text) => text.trim());
const numbered = (count: number, more: Page = {}) => pdf(Array.from({ length: count }, (_, index) => ({ ...more, text: `page ${index + 1}` })));
const refused = (bytes: Buffer, options: Record<string, unknown>, code: string, message = '', more: object = {}) =>
  expect(show(bytes, options, more)).rejects.toMatchObject({ code, publicMessage: expect.stringContaining(message) });

describe('the engine poppler', () => {
  it('announces the version it found', () => {
    expect(bench.engine).toMatchObject({ name: 'poppler', version: expect.stringMatching(/^\d+\.\d+/), fetchInputs: true });
  });

  it.each([
    ['png', 'png'],
    ['jpg', 'jpeg'],
    ['jpeg', 'jpeg'],
    ['tiff', 'tiff'],
    ['svg', 'svg'],
  ])('makes a %s of each page, in order', async (output_format, format) => {
    const colours = ['1 0 0', '0 1 0', '0 0 1'];
    const { outputs, ctx } = await show(pdf(colours.map((left) => ({ left }))), { output_format });
    const ending = output_format === 'jpeg' ? 'jpg' : output_format;
    expect(outputs.map(({ filename, expect: type }) => [filename, type])).toEqual([1, 2, 3].map((number) => [`report-${number}.${ending}`, ending]));
    for (const [index, { bytes }] of outputs.entries()) {
      expect((await sharp(bytes).metadata()).format).toBe(format);
      const { channels } = await sharp(bytes).stats();
      // The page's left half has its colour, so that channel is the brightest.
      expect(channels.slice(0, 3).map(({ mean }) => mean).reduce((best, mean, channel, all) => (mean > all[best]! ? channel : best), 0)).toBe(index);
    }
    expect(ctx.reported.at(-1)).toBe(100);
  });

  it('gives one page the plain name, and the name asked for', async () => {
    const one = pdf([{}]);
    expect((await show(one, {})).outputs[0]!.filename).toBe('report.png');
    expect((await show(one, { filename: 'cover.png' })).outputs[0]!.filename).toBe('cover.png');
    expect((await show(numbered(2), { filename: 'page %02d.png' })).outputs.map(({ filename }) => filename)).toEqual(['page 01.png', 'page 02.png']);
  });

  it('takes several documents', async () => {
    const inputs = [numbered(1), numbered(2)].map((bytes, index) => ({ bytes, type: 'pdf', filename: `${index}.pdf` }));
    const { outputs } = await bench.run(inputs, { output_format: 'png' });
    expect(outputs.map(({ filename }) => filename)).toEqual(['0.png', '1-2.png', '1-3.png']);
  });

  it('reads the text of the pages, also beyond ASCII', async () => {
    expect(await textOf(numbered(3))).toEqual(['page 1', 'page 2', 'page 3']);
    expect(await textOf(pdf([{ text: '\\344\\366\\374 \\200' }]))).toEqual(['äöü €']);
    const { outputs } = await show(numbered(1), { output_format: 'txt' });
    expect(outputs.map(({ filename, expect: type }) => [filename, type])).toEqual([['report.txt', undefined]]);
  });

  it('says that a scan has no text', async () => {
    await refused(pdf([{ left: '1 0 0' }]), { output_format: 'txt' }, 'INVALID_INPUT', 'no text');
  });

  it('shows many pages in order, and its progress', async () => {
    const width = (index: number): number => 72 + Math.floor(index / 5);
    const { outputs, ctx } = await show(pdf(Array.from({ length: 20 }, (_, index) => ({ size: [width(index), 72] as const }))), { pixel_density: 72 });
    expect(await Promise.all(outputs.map(async ({ bytes }) => (await sharp(bytes).metadata()).width))).toEqual(Array.from({ length: 20 }, (_, index) => width(index)));
    expect(ctx.reported).toEqual([25, 50, 75, 100, 100]);
    expect(await textOf(numbered(250))).toEqual(Array.from({ length: 250 }, (_, index) => `page ${index + 1}`));
  });
});

describe('the option', () => {
  it('pages chooses, in the order asked for', async () => {
    expect(await textOf(numbered(9), { pages: '5,1-3' })).toEqual(['page 5', 'page 1', 'page 2', 'page 3']);
    const sized = pdf([1, 2, 3].map((n) => ({ size: [72 * n, 72] as const })));
    expect(await sizesOf(sized, { pages: '3,1', pixel_density: 72 })).toEqual([[216, 72], [72, 72]]);
    await refused(numbered(2), { pages: '3-4' }, 'INVALID_INPUT', 'has 2');
    await refused(numbered(2), { pages: 'x' }, 'INVALID_INPUT', 'pages');
  });

  it('pixel_density sets the size', async () => {
    const page = pdf([{ size: [144, 72] }]);
    expect(await sizesOf(page, {})).toEqual([[300, 150]]);
    expect(await sizesOf(page, { pixel_density: 300 })).toEqual([[600, 300]]);
  });

  it('width, height and fit set the size, of each page by itself', async () => {
    const pages = pdf([{ size: [200, 100] }, { size: [100, 200] }]);
    expect(await sizesOf(pages, { width: 50 })).toEqual([[50, 25], [50, 100]]);
    expect(await sizesOf(pages, { width: 50, height: 50 })).toEqual([[50, 25], [25, 50]]);
    expect(await sizesOf(pages, { width: 2000, height: 2000 })).toEqual([[2000, 1000], [1000, 2000]]);
    expect(await sizesOf(pages, { width: 2000, pixel_density: 72 })).toEqual([[200, 100], [100, 200]]);
    expect(await sizesOf(pages, { width: 60, height: 50, fit: 'scale' })).toEqual([[60, 50], [60, 50]]);
    expect(await sizesOf(pages, { width: 60, height: 50, fit: 'crop' })).toEqual([[60, 50], [60, 50]]);
  });

  it('fit crop keeps the middle, where scale keeps all', async () => {
    // A red stripe at the left edge, which is not in the middle third.
    const page = pdf([{ size: [300, 100], content: '1 0 0 rg 0 0 60 100 re f' }]);
    const corner = async (fit: string) => [...(await sharp((await bytesOf(page, { width: 30, height: 30, fit }))[0]).extract({ left: 0, top: 29, width: 1, height: 1 }).raw().toBuffer())];
    expect([await corner('crop'), await corner('scale')]).toEqual([[255, 255, 255], [255, 0, 0]]);
  });

  it('sizes hold for pages that lie on their side, and for cropped ones', async () => {
    const turned = pdf([{ size: [200, 100], more: '/Rotate 90' }]);
    expect(await sizesOf(turned, { pixel_density: 72 })).toEqual([[100, 200]]);
    expect(await sizesOf(turned, { width: 50 })).toEqual([[50, 100]]);
    expect(await sizesOf(turned, { width: 60, height: 50, fit: 'scale' })).toEqual([[60, 50]]);
    expect(await sizesOf(pdf([{ size: [200, 100], more: '/CropBox [0 0 100 50]' }]), { pixel_density: 72 })).toEqual([[100, 50]]);
  });

  it('quality changes the size of a jpg', async () => {
    const page = pdf([{ text: 'the quick brown fox', left: '0.3 0.6 0.1' }]);
    const sizes: number[] = [];
    for (const options of [{ quality: 5 }, {}, { quality: 100 }]) sizes.push((await bytesOf(page, { output_format: 'jpg', ...options }))[0]!.length);
    expect(new Set(sizes).size).toBe(3);
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
  });

  it.each([
    ['txt', { width: 5 }],
    ['txt', { pixel_density: 72 }],
    ['svg', { fit: 'crop' }],
    ['svg', { quality: 5 }],
    ['png', { quality: 5 }],
    ['webp', {}],
  ])('that means nothing for %s is refused: %p', async (output_format, options) => {
    await refused(numbered(1), { output_format, ...options }, 'INVALID_INPUT', Object.keys(options)[0] ?? 'output_format');
  });
});

describe('a password', () => {
  function locked(user: string, algorithm: string[] = ['256']): Buffer {
    const [plain, file] = [path.join(bench.dir, 'plain.pdf'), path.join(bench.dir, 'locked.pdf')];
    writeFileSync(plain, numbered(2));
    execFileSync('qpdf', ['--allow-weak-crypto', '--encrypt', user, 'owner', ...algorithm, '--', plain, file]);
    return readFileSync(file);
  }

  it.each([['256'], ['128', '--use-aes=y'], ['40']])('opens what is encrypted with %s bits', async (...algorithm) => {
    expect(await textOf(locked('open sesame ü', algorithm), { password: 'open sesame ü' })).toEqual(['page 1', 'page 2']);
  });

  it('opens pictures too, also as the owner', async () => {
    expect(await sizesOf(locked('user'), { password: 'owner', pixel_density: 72 })).toEqual([[200, 100], [200, 100]]);
  });

  it('is asked for, and has to be right', async () => {
    await refused(locked('user'), {}, 'INVALID_INPUT', 'protected by a password');
    await refused(locked('user'), { password: 'wrong' }, 'INVALID_INPUT', 'password does not open');
    await refused(locked('user'), { password: '' }, 'INVALID_INPUT', 'protected by a password');
  });

  it('is not needed where everyone may read', async () => {
    expect(await textOf(locked(''))).toEqual(['page 1', 'page 2']);
    expect(await textOf(numbered(1), { password: 'needless' })).toEqual(['page 1']);
  });
});

describe('a thumbnail', () => {
  const thumbnail = { operation: 'thumbnail' };

  it('is of the first page and fits a box of 300 pixels', async () => {
    expect(await sizesOf(pdf([{ size: [600, 300] }, {}]), {}, thumbnail)).toEqual([[300, 150]]);
  });

  it('takes sizes, and more pages', async () => {
    expect(await sizesOf(numbered(3), { count: 2, width: 50, height: 50, fit: 'crop' }, thumbnail)).toEqual([[50, 50], [50, 50]]);
    expect(await sizesOf(numbered(1), { count: 5, output_format: 'jpg', width: 50 }, thumbnail)).toEqual([[50, 25]]);
  });
});

describe('bad input', () => {
  it('is refused, saying why', async () => {
    await refused(Buffer.alloc(0), {}, 'INVALID_INPUT', 'is empty');
    await refused(numbered(1).subarray(0, 200), {}, 'INVALID_INPUT', 'not a readable PDF');
    await refused(Buffer.from('%PDF-1.7\nnothing'), {}, 'INVALID_INPUT', 'not a readable PDF');
    await expect(bench.run([{ bytes: Buffer.from('GIF89a'), type: 'gif', filename: 'a.pdf' }], { output_format: 'png' })).rejects.toMatchObject({ code: 'INVALID_INPUT', publicMessage: 'The file a.pdf is not a PDF' });
    await expect(bench.run([], { output_format: 'png' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await refused(numbered(1), {}, 'INVALID_INPUT', 'no operation', { operation: 'merge' });
    expect(await textOf(numbered(1))).toEqual(['page 1']);
  });

  it('passes what is no PDF to a later step, in order', async () => {
    const inputs = [{ bytes: Buffer.from('GIF89a'), type: 'gif', filename: 'a.gif' }, { bytes: numbered(1), type: 'pdf', filename: 'b.pdf' }];
    const { files } = await bench.run(inputs, { output_format: 'png', pass_others: true, filename: 'final.png' });
    expect(files).toEqual([expect.objectContaining({ blob: 'blob-0', filename: 'a.gif', type: 'gif' }), expect.objectContaining({ filename: 'b.png' })]);
  });

  it('stops with its task', async () => {
    await refused(numbered(1), {}, 'CANCELLED', '', { signal: AbortSignal.abort() });
    await refused(numbered(1), {}, 'TIMEOUT', '', { deadline: new Date(0) });
  });
});
