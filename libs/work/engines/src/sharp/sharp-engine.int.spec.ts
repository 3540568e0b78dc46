import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { fakeContext, type Engine } from '@millrace/engine-kit';
import { createSandbox } from '@millrace/sandbox';
import { sharpEngine } from './sharp-engine';

const MODULES = path.join(__dirname, '../../../../../node_modules');

let engine: Engine;
let dir: string;
beforeAll(async () => {
  const sandbox = await createSandbox({ mode: 'bwrap' });
  engine = await sharpEngine.create({ sandbox, faultEnabled: false, nodePath: process.execPath, modulesDir: MODULES });
});
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'sharp-'));
  for (const name of ['in', 'out', 'scratch']) mkdirSync(path.join(dir, name));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Runs the engine on one file and hands back the bytes it made. */
async function convert(bytes: Buffer, type: string | undefined, options: Record<string, unknown>, more: object = {}): Promise<Buffer> {
  const file = path.join(dir, 'in/input');
  writeFileSync(file, bytes);
  const inputs = [{ blob: 'b', path: file, filename: 'photo.orig.png', size: bytes.length, type, task: 't' }];
  const ctx = fakeContext({ inputs, options, inDir: path.join(dir, 'in'), outDir: path.join(dir, 'out'), scratchDir: path.join(dir, 'scratch'), ...more });
  const { files } = await engine.run(ctx);
  const format = options['output_format'] === 'jpeg' ? 'jpg' : options['output_format'];
  expect(files).toEqual([{ path: expect.stringContaining(ctx.outDir), filename: `photo.orig.${format}`, expect: format }]);
  expect(ctx.reported).toEqual([100]);
  return readFileSync((files[0] as { path: string }).path);
}

const plain = (width = 40, height = 20) => sharp({ create: { width, height, channels: 3, background: '#c01020' } });
/** 40 x 20, noisy so that quality shows, with EXIF that says it lies on its side. */
const photo = () =>
  sharp({ create: { width: 40, height: 20, channels: 3, noise: { type: 'gaussian', mean: 128, sigma: 60 }, background: '#000' } })
    .withExif({ IFD0: { Copyright: 'canary owner', Orientation: '6' } })
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 100 })
    .toBuffer();

describe('the engine sharp', () => {
  it('announces the version it found', () => {
    expect(engine).toMatchObject({ name: 'sharp', version: sharp.versions.sharp, fetchInputs: true });
  });

  it.each(['jpg', 'png', 'webp', 'jpeg'])('makes %s of every type it reads', async (output_format) => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" fill="#c01020"/></svg>');
    const sources = { jpg: await plain().jpeg().toBuffer(), png: await plain().png().toBuffer(), webp: await plain().webp().toBuffer(), svg };
    for (const [type, bytes] of Object.entries(sources)) {
      const made = await sharp(await convert(bytes, type, { output_format })).metadata();
      expect([made.format, made.width, made.height]).toEqual([output_format === 'jpg' ? 'jpeg' : output_format, 40, 20]);
    }
  });

  it.each([
    ['max keeps the ratio', { width: 10, height: 10 }, [10, 5]],
    ['max never enlarges', { width: 400, height: 400 }, [40, 20]],
    ['one side is enough', { height: 10 }, [20, 10]],
    ['crop fills the box', { width: 10, height: 10, fit: 'crop' }, [10, 10]],
    ['scale stretches', { width: 80, height: 10, fit: 'scale' }, [80, 10]],
    ['scale of one side keeps the ratio', { width: 80, fit: 'scale' }, [80, 40]],
  ])('%s', async (_, options, size) => {
    const made = await sharp(await convert(await plain().png().toBuffer(), 'png', { output_format: 'png', ...options })).metadata();
    expect([made.width, made.height]).toEqual(size);
  });

  it('lets crop and scale differ in what they show', async () => {
    const left = await sharp({ create: { width: 20, height: 20, channels: 3, background: '#ff0000' } }).png().toBuffer();
    const source = await plain(60, 20).composite([{ input: left, left: 0, top: 0 }]).png().toBuffer();
    const corner = async (fit: string) => (await sharp(await convert(source, 'png', { output_format: 'png', width: 20, height: 20, fit })).raw().toBuffer())[0];
    expect([await corner('crop'), await corner('scale')]).toEqual([0xc0, 0xff]);
  });

  it.each(['jpg', 'webp'])('quality changes the size of a %s', async (output_format) => {
    const source = await photo();
    const [low, high] = [await convert(source, 'jpg', { output_format, quality: 10 }), await convert(source, 'jpg', { output_format, quality: 95 })];
    expect(low.length).toBeLessThan(high.length);
  });

  it('applies the orientation unless told otherwise', async () => {
    const source = await photo();
    const upright = await sharp(await convert(source, 'jpg', { output_format: 'jpg' })).metadata();
    expect([upright.width, upright.height, upright.orientation ?? 1]).toEqual([20, 40, 1]);
    const asIs = await sharp(await convert(source, 'jpg', { output_format: 'jpg', auto_orient: false })).metadata();
    expect([asIs.width, asIs.height, asIs.orientation]).toEqual([40, 20, 6]);
  });

  it('keeps metadata unless it is to strip it', async () => {
    const source = await photo();
    expect((await convert(source, 'jpg', { output_format: 'webp' })).includes('canary owner')).toBe(true);
    expect((await convert(source, 'jpg', { output_format: 'webp', strip: true })).includes('canary owner')).toBe(false);
  });

  it('lays what is transparent on white in a jpg', async () => {
    const clear = await sharp({ create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } }).png().toBuffer();
    const [red] = await sharp(await convert(clear, 'png', { output_format: 'jpg' })).raw().toBuffer();
    expect(red).toBe(255);
  });
});

describe('the engine sharp and bad files', () => {
  // The same worker serves the next customer.
  afterEach(async () => {
    expect((await convert(await plain().png().toBuffer(), 'png', { output_format: 'jpg' })).length).toBeGreaterThan(0);
  });

  const refused = (bytes: Buffer, type: string | undefined, code: string, message = '', more = {}) =>
    expect(convert(bytes, type, { output_format: 'jpg' }, more)).rejects.toMatchObject({ code, publicMessage: expect.stringContaining(message) });

  it('refuses what is no image, saying so', async () => {
    await refused(Buffer.alloc(0), 'png', 'INVALID_INPUT', 'is empty');
    await refused(Buffer.from('hello'), undefined, 'INVALID_INPUT', 'not a readable image');
    await refused(Buffer.from('%PDF-1.7'), 'pdf', 'INVALID_INPUT', 'not a readable image');
  });

  it('refuses damaged and cut images', async () => {
    const png = await plain(400, 400).png().toBuffer();
    png.fill(0x55, 60, 400);
    await refused(png, 'png', 'INVALID_INPUT', 'damaged');
    const jpg = await photo();
    await refused(jpg.subarray(0, jpg.length / 2), 'jpg', 'INVALID_INPUT', 'damaged');
  });

  it('opens a file only as the type its content was found to be', async () => {
    const gif = await plain().gif().toBuffer();
    await refused(gif, 'gif', 'INVALID_INPUT', 'not a readable image');
    // Found to be one thing, really another: the loader of the other stays blocked.
    await refused(gif, 'png', 'INVALID_INPUT', 'damaged');
    await refused(await plain().webp().toBuffer(), 'jpg', 'INVALID_INPUT', 'damaged');
  });

  it('refuses a small file that unpacks to 3.6 gigapixels', async () => {
    const chunk = (name: string, data: Buffer) => {
      const body = Buffer.concat([Buffer.from(name), data]);
      const frame = Buffer.alloc(8);
      frame.writeUInt32BE(data.length, 0);
      frame.writeUInt32BE(crc32(body), 4);
      return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
    };
    const header = Buffer.alloc(13);
    header.writeUInt32BE(60_000, 0);
    header.writeUInt32BE(60_000, 4);
    header.writeUInt8(1, 8);
    const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.alloc(7501 * 100))), chunk('IEND', Buffer.alloc(0))]);
    await refused(png, 'png', 'LIMIT_EXCEEDED', '268,402,689 pixels');
    await refused(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="30000"/>'), 'svg', 'LIMIT_EXCEEDED', 'pixels');
  });

  it('refuses what the output format cannot hold', async () => {
    await expect(convert(await plain(20_000, 2).png().toBuffer(), 'png', { output_format: 'webp' })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  it('stops with its task, and at its deadline', async () => {
    const png = await plain().png().toBuffer();
    await refused(png, 'png', 'CANCELLED', '', { signal: AbortSignal.abort() });
    await refused(png, 'png', 'TIMEOUT', '', { deadline: new Date(0) });
  });
});

describe('an SVG', () => {
  const svg = (inner: string) => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="20">${inner}</svg>`);
  const firstPixel = async (bytes: Buffer) => [...(await sharp(await convert(bytes, 'svg', { output_format: 'png' })).ensureAlpha().raw().toBuffer()).subarray(0, 4)];

  it('draws what it holds and nothing from outside', async () => {
    const secret = await plain().png().toBuffer();
    writeFileSync(path.join(dir, 'in/neighbour.png'), secret);
    const image = (href: string) => `<image xlink:href="${href}" width="40" height="20"/>`;
    expect(await firstPixel(svg(image(`data:image/png;base64,${secret.toString('base64')}`)))).toEqual([0xc0, 0x10, 0x20, 255]);
    for (const href of ['neighbour.png', `file://${dir}/in/neighbour.png`, `${dir}/in/neighbour.png`, 'http://127.0.0.1:9/x.png']) {
      expect(await firstPixel(svg(image(href)))).toEqual([0, 0, 0, 0]);
    }
    // Without the jail and its single file, the neighbour is drawn: the walls above are what stops it.
    writeFileSync(path.join(dir, 'in/control.svg'), svg(image('neighbour.png')));
    expect((await sharp(path.join(dir, 'in/control.svg')).raw().toBuffer())[0]).toBe(0xc0);
  });

  it('cannot read files by entity', async () => {
    const xxe = (entity: string) => Buffer.from(`<!DOCTYPE svg [<!ENTITY x ${entity}>]>${svg('&x;')}`);
    expect(await firstPixel(xxe('\'<rect width="40" height="20" fill="#c01020"/>\''))).toEqual([0xc0, 0x10, 0x20, 255]);
    await expect(firstPixel(xxe('SYSTEM "file:///etc/hostname"'))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});
