import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TaskContext } from '@millrace/engine-kit';
import { createSandbox, type Sandbox } from '@millrace/sandbox';
import sharp from 'sharp';
import { centre, factsOf, noise, plain } from '../sharp/testing/images';
import { EngineBench } from '../testing/engine-bench';
import { libheifEngine } from './libheif-engine';

const bench = new EngineBench(libheifEngine);
let sandbox: Sandbox;
beforeAll(async () => {
  await bench.start();
  sandbox = await createSandbox({ mode: 'bwrap' });
});
beforeEach(() => bench.open());
afterEach(() => bench.close());

/** A HEIC of these images, the first the main one; made by the encoder of the package that decodes. */
async function heic(...images: Buffer[]): Promise<Buffer> {
  const dir = path.join(bench.dir, `heic-${process.hrtime.bigint()}`);
  mkdirSync(dir);
  const files = images.map((bytes, index) => path.join(dir, `${index}.png`));
  files.forEach((file, index) => writeFileSync(file, images[index]!));
  const limits = { wallMs: 60_000, outputBytes: 1024 ** 3, openFiles: 64, processes: 64, memoryBytes: 1024 ** 3 };
  const result = await sandbox.run({ argv: ['/usr/bin/heif-enc', '-q', '90', '-o', path.join(dir, 'made.heic'), ...files], ro: [], rw: [{ from: dir }], limits });
  if (result.exitCode !== 0) throw new Error(result.stderr);
  return readFileSync(path.join(dir, 'made.heic'));
}

const png = (colour: string, width = 64, height = 48) => plain(width, height, colour).png().toBuffer();
const convert = (bytes: Buffer, options: Record<string, unknown>, more: Partial<TaskContext> = {}) => bench.run([{ bytes, type: 'heic', filename: 'IMG_1.HEIC' }], options, more);
const near = (pixel: number[], expected: number[]) => pixel.every((value, index) => Math.abs(value - expected[index]!) < 8);

describe('the engine libheif', () => {
  it('announces the version it found', () => {
    expect(bench.engine).toMatchObject({ name: 'libheif', version: expect.stringMatching(/^\d+\.\d+/), fetchInputs: true });
  });

  it.each([
    ['jpg', 'jpeg'],
    ['png', 'png'],
    ['webp', 'webp'],
    ['avif', 'heif'],
    ['tiff', 'tiff'],
    ['gif', 'gif'],
  ])('makes %s', async (output_format, format) => {
    const { outputs, ctx } = await convert(await heic(await png('#c01020')), { output_format });
    expect(outputs.map(({ filename, expect: promised }) => [filename, promised])).toEqual([[`IMG_1.${output_format}`, output_format]]);
    expect(await factsOf(outputs[0]!.bytes)).toMatchObject({ format, width: 64, height: 48 });
    expect(near(await centre(outputs[0]!.bytes), [0xc0, 0x10, 0x20, 255])).toBe(true);
    expect(ctx.reported).toEqual([100]);
  });

  it('has the options of images', async () => {
    const source = await heic(await noise(120, 80).png().toBuffer());
    const one = async (options: Record<string, unknown>) => (await convert(source, options)).outputs[0]!;
    const [low, high] = [await one({ output_format: 'jpg', quality: 10 }), await one({ output_format: 'jpg', quality: 95 })];
    expect(low.bytes.length).toBeLessThan(high.bytes.length / 2);
    expect(await factsOf((await one({ output_format: 'webp', width: 30, height: 30, fit: 'crop' })).bytes)).toMatchObject({ width: 30, height: 30 });
    expect((await one({ output_format: 'jpg', filename: 'mine.jpg' })).filename).toBe('mine.jpg');
  });

  it('makes a file of each image in it', async () => {
    const { outputs } = await convert(await heic(await png('#ff0000'), await png('#0000ff')), { output_format: 'png' });
    expect(outputs.map(({ filename }) => filename)).toEqual(['IMG_1-1.png', 'IMG_1-2.png']);
    expect([near(await centre(outputs[0]!.bytes), [255, 0, 0, 255]), near(await centre(outputs[1]!.bytes), [0, 0, 255, 255])]).toEqual([true, true]);
  });

  it.each(['jpg', 'png', 'webp'])('turns an image once, and keeps its metadata, as %s', async (output_format) => {
    // The container of AVIF is the one of HEIC; sharp writes its property of rotation, heif-enc does not.
    const lying = await plain(64, 48).withExif({ IFD0: { Copyright: 'canary owner' } }).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const turned = await sharp(lying).keepMetadata().avif().toBuffer();
    const { outputs } = await bench.run([{ bytes: turned, type: 'heif' }], { output_format });
    const { width, height, orientation = 1, exif } = await sharp(outputs[0]!.bytes).metadata();
    expect([width, height, orientation, exif?.includes('canary owner')]).toEqual([48, 64, 1, true]);
    const stripped = await bench.run([{ bytes: turned, type: 'heif' }], { output_format, strip: true });
    expect(await factsOf(stripped.outputs[0]!.bytes)).toMatchObject({ width: 48, height: 64 });
    expect(stripped.outputs[0]!.bytes.includes('canary owner')).toBe(false);
  });

  it('lays what is transparent on white in a jpg, and keeps it in a png', async () => {
    const clear = await heic(await sharp({ create: { width: 64, height: 48, channels: 4, background: { r: 0, g: 0, b: 255, alpha: 0 } } }).png().toBuffer());
    expect(near(await centre((await convert(clear, { output_format: 'jpg' })).outputs[0]!.bytes), [255, 255, 255, 255])).toBe(true);
    expect((await centre((await convert(clear, { output_format: 'png' })).outputs[0]!.bytes))[3]).toBe(0);
  });
});

describe('a step over mixed inputs', () => {
  it('makes a png of what is HEIC and passes on the rest by reference, in order', async () => {
    const inputs = [
      { bytes: Buffer.from('%PDF-1.7'), type: 'pdf', filename: 'a.pdf' },
      { bytes: await heic(await png('#c01020')), type: 'heic', filename: 'b.heic' },
      { bytes: await png('#abcdef'), type: 'png', filename: 'c.png' },
    ];
    const { files } = await bench.run(inputs, { output_format: 'png', pass_others: true, filename: 'all.pdf' });
    expect(files).toEqual([expect.objectContaining({ blob: 'blob-0', filename: 'a.pdf' }), { path: expect.any(String), filename: 'b.png', expect: 'png' }, expect.objectContaining({ blob: 'blob-2', filename: 'c.png' })]);
  });
});

describe('the engine libheif and bad files', () => {
  // The same worker serves the next customer.
  afterEach(async () => {
    expect((await convert(await heic(await png('#c01020')), { output_format: 'jpg' })).outputs).toHaveLength(1);
  });

  const refused = (bytes: Buffer, code: string, message = '', more: Partial<TaskContext> = {}, type = 'heic') =>
    expect(bench.run([{ bytes, type }], { output_format: 'jpg' }, more)).rejects.toMatchObject({ code, publicMessage: expect.stringContaining(message) });

  it('refuses what is empty, cut, damaged or no HEIC', async () => {
    const whole = await heic(await noise(200, 200).png().toBuffer());
    await refused(Buffer.alloc(0), 'INVALID_INPUT', 'is empty');
    await refused(whole.subarray(0, 100), 'INVALID_INPUT', 'not a readable HEIC');
    await refused(whole.subarray(0, whole.length / 2), 'INVALID_INPUT', 'not a readable HEIC');
    await refused(Buffer.concat([whole.subarray(0, 300), Buffer.alloc(whole.length - 300, 0x55)]), 'INVALID_INPUT', 'not a readable HEIC');
    await refused(await png('#abcdef'), 'INVALID_INPUT', 'not a readable HEIC');
    await refused(await png('#abcdef'), 'INVALID_INPUT', 'not a HEIC', {}, 'png');
  });

  it('refuses an image whose header tells of more pixels than can be decoded', async () => {
    const lying = await heic(await png('#c01020'));
    // The property of spatial extents: version and flags, width, height.
    const at = lying.indexOf('ispe') + 8;
    lying.writeUInt32BE(60_000, at);
    lying.writeUInt32BE(60_000, at + 4);
    const error = await convert(lying, { output_format: 'jpg' }).then(
      () => ({ code: 'none' }),
      (failure: { code: string }) => failure,
    );
    expect(['LIMIT_EXCEEDED', 'INVALID_INPUT']).toContain(error.code);
  });

  it('refuses options and operations that it has not', async () => {
    const source = await heic(await png('#c01020'));
    await expect(convert(source, { output_format: 'gif', quality: 5 })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(convert(source, { output_format: 'pdf' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(convert(source, { output_format: 'jpg' }, { operation: 'thumbnail' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('stops with its task, and at its deadline', async () => {
    const source = await heic(await png('#c01020'));
    await refused(source, 'CANCELLED', '', { signal: AbortSignal.abort() });
    await refused(source, 'TIMEOUT', '', { deadline: new Date(0) });
  });
});

test('without its program the engine is not offered', async () => {
  const absent: Sandbox = { ...sandbox, run: (spec, options) => sandbox.run({ ...spec, argv: ['/usr/bin/no-such-program'] }, options) };
  await expect(libheifEngine.create({ sandbox: absent, faultEnabled: false, nodePath: process.execPath, modulesDir: '/nonexistent' } as never)).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
});
