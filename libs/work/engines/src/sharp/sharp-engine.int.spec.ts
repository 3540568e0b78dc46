import sharp from 'sharp';
import { EngineBench } from '../testing/engine-bench';
import { sharpEngine } from './sharp-engine';
import { factsOf, noise, photo, plain, svg } from './testing/images';

const bench = new EngineBench(sharpEngine);
beforeAll(() => bench.start());
beforeEach(() => bench.open());
afterEach(() => bench.close());

const FORMATS = ['jpg', 'png', 'webp', 'avif', 'tiff', 'gif'];
const nameOf = (format: string) => ({ jpg: 'jpeg', avif: 'heif' })[format] ?? format;

/** The one output. */
async function convert(bytes: Buffer, type: string, options: Record<string, unknown>): Promise<Buffer> {
  const { outputs, ctx } = await bench.run([{ bytes, type }], options);
  expect([outputs.length, ctx.reported]).toEqual([1, [100]]);
  return outputs[0]!.bytes;
}

describe('the engine sharp', () => {
  it('announces the version it found', () => {
    expect(bench.engine).toMatchObject({ name: 'sharp', version: sharp.versions.sharp, fetchInputs: true });
  });

  it.each(FORMATS)('makes %s of every type it reads', async (output_format) => {
    const sources: Record<string, Buffer> = { svg: svg('<rect width="40" height="20" fill="#c01020"/>') };
    for (const format of FORMATS) sources[format] = await plain().toFormat(format as 'png').toBuffer();
    for (const [type, bytes] of Object.entries(sources)) {
      const { outputs } = await bench.run([{ bytes, type, filename: 'photo.orig.x' }], { output_format });
      expect(outputs.map(({ filename, expect: promised }) => [filename, promised])).toEqual([[`photo.orig.${output_format}`, output_format]]);
      const made = await sharp(outputs[0]!.bytes).metadata();
      expect([made.format, made.width, made.height]).toEqual([nameOf(output_format), 40, 20]);
      const [red, green] = await sharp(outputs[0]!.bytes).raw().toBuffer();
      expect([red! > 0xb0, green! < 0x20]).toEqual([true, true]);
    }
  });

  it.each([
    ['jpeg', 'jpg'],
    ['tif', 'tiff'],
  ])('knows %s as %s', async (output_format, format) => {
    const { outputs } = await bench.run([{ bytes: await plain().png().toBuffer(), type: 'png' }], { output_format });
    expect(outputs.map(({ filename, expect: promised }) => [filename, promised])).toEqual([[`photo.orig.${format}`, format]]);
  });

  it('has no other operation', async () => {
    await expect(bench.run([{ bytes: await plain().png().toBuffer(), type: 'png' }], { output_format: 'png' }, { operation: 'merge' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('width, height and fit', () => {
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

  it('crop and scale differ in what they show', async () => {
    const left = await plain(20, 20, '#ff0000').png().toBuffer();
    const source = await plain(60, 20).composite([{ input: left, left: 0, top: 0 }]).png().toBuffer();
    const first = async (fit: string) => (await sharp(await convert(source, 'png', { output_format: 'png', width: 20, height: 20, fit })).raw().toBuffer())[0];
    expect([await first('crop'), await first('scale')]).toEqual([0xc0, 0xff]);
  });

  it('an svg is drawn at the size, not enlarged to it', async () => {
    const bar = svg('<rect x="2" width="2" height="4" fill="#000"/><rect width="2" height="4" fill="#fff"/>', 'width="4" height="4"');
    const made = await convert(bar, 'svg', { output_format: 'png', width: 400 });
    const { data, info } = await sharp(made).greyscale().raw().toBuffer({ resolveWithObject: true });
    expect([info.width, new Set(data.subarray(0, 400))]).toEqual([400, new Set([255, 0])]);
  });
});

describe('quality', () => {
  it.each(['jpg', 'webp', 'avif', 'tiff', 'png'])('changes the size of a %s', async (output_format) => {
    const source = await noise(120, 80).blur(2).png().toBuffer();
    const [low, high] = [await convert(source, 'png', { output_format, quality: 10 }), await convert(source, 'png', { output_format, quality: 100 })];
    expect(low.length).toBeLessThan(high.length * 0.8);
  });

  it('of a png below 100 makes a palette; 100, or none, changes no pixel', async () => {
    const source = await noise(60, 60).png().toBuffer();
    const pixels = (bytes: Buffer) => sharp(bytes).raw().toBuffer();
    const [palette, all, none] = await Promise.all([{ quality: 60 }, { quality: 100 }, {}].map((options) => convert(source, 'png', { output_format: 'png', ...options })));
    expect([(await factsOf(palette!)).isPalette, (await factsOf(none!)).isPalette]).toEqual([true, false]);
    expect([(await pixels(all!)).equals(await pixels(source)), (await pixels(none!)).equals(await pixels(source))]).toEqual([true, true]);
  });

  it('of a tiff makes it lossy; without it no pixel changes', async () => {
    const source = await noise(60, 60).png().toBuffer();
    const [lossy, lossless] = [await convert(source, 'png', { output_format: 'tiff', quality: 80 }), await convert(source, 'png', { output_format: 'tiff' })];
    const pixels = await sharp(source).raw().toBuffer();
    expect([(await sharp(lossy).raw().toBuffer()).equals(pixels), (await sharp(lossless).raw().toBuffer()).equals(pixels)]).toEqual([false, true]);
  });

  it('of a gif is refused, since it would do nothing', async () => {
    await expect(convert(await plain().png().toBuffer(), 'png', { output_format: 'gif', quality: 50 })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      publicMessage: expect.stringContaining('option quality'),
    });
  });
});

describe('auto_orient and strip', () => {
  it('applies the orientation unless told otherwise', async () => {
    const source = await photo();
    const upright = await sharp(await convert(source, 'jpg', { output_format: 'jpg' })).metadata();
    expect([upright.width, upright.height, upright.orientation ?? 1]).toEqual([20, 40, 1]);
    const asIs = await sharp(await convert(source, 'jpg', { output_format: 'jpg', auto_orient: false })).metadata();
    expect([asIs.width, asIs.height, asIs.orientation]).toEqual([40, 20, 6]);
  });

  // libvips writes none into a tiff or a gif.
  it.each(['jpg', 'png', 'webp', 'avif'])('metadata stays in a %s unless it is to be stripped', async (output_format) => {
    const source = await photo();
    const holds = async (options: object) => {
      const { exif } = await sharp(await convert(source, 'jpg', { output_format, ...options })).metadata();
      return exif?.includes('canary owner') ?? false;
    };
    expect([await holds({}), await holds({ strip: true })]).toEqual([true, false]);
  });

  it.each(['jpg', 'gif'])('colours of a profile stay what they look like, stripped or not, as %s', async (output_format) => {
    // Of one look: #c01020 in sRGB is less red in P3.
    const wide = await plain().withIccProfile('p3').png().toBuffer();
    for (const strip of [true, false]) {
      const made = await convert(wide, 'png', { output_format, strip });
      const [red] = await sharp(made).toColourspace('srgb').raw().toBuffer();
      const profiled = (await factsOf(made)).hasProfile;
      expect(profiled ? red : Math.abs(red! - 0xc0) < 6).toBeTruthy();
      expect(profiled).toBe(output_format === 'jpg' && !strip);
    }
  });
});

describe('pixel_density', () => {
  it('is how large an svg is drawn', async () => {
    const sizes = async (options: object) => (await factsOf(await convert(svg(''), 'svg', { output_format: 'png', ...options }))).width;
    expect([await sizes({}), await sizes({ pixel_density: 72 }), await sizes({ pixel_density: 144 })]).toEqual([40, 40, 80]);
  });

  it.each(['jpg', 'png', 'tiff'])('is what a %s says of itself', async (output_format) => {
    for (const strip of [false, true]) {
      const made = await convert(await photo(), 'jpg', { output_format, strip, pixel_density: 300 });
      expect((await factsOf(made)).density).toBe(300);
      if (strip) expect(made.includes('canary owner')).toBe(false);
    }
  });
});

describe('what an image holds', () => {
  it.each(['jpg', 'tiff'])('that is transparent is laid on white in a %s without alpha', async (output_format) => {
    const clear = await sharp({ create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } }).png().toBuffer();
    const made = await convert(clear, 'png', { output_format, quality: 90 });
    expect([(await factsOf(made)).hasAlpha, (await sharp(made).raw().toBuffer())[0]]).toEqual([false, 255]);
  });

  it.each(['png', 'webp', 'avif', 'tiff', 'gif'])('that is transparent stays so in a %s', async (output_format) => {
    const clear = await sharp({ create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } }).png().toBuffer();
    expect((await sharp(await convert(clear, 'png', { output_format })).ensureAlpha().raw().toBuffer())[3]).toBe(0);
  });

  it.each(['png', 'tiff'])('of 16 bits stays so in a %s, also in grey', async (output_format) => {
    const deep = await plain().toColourspace('rgb16').png().toBuffer();
    const grey = await plain().greyscale().toColourspace('grey16').png().toBuffer();
    expect(await factsOf(await convert(deep, 'png', { output_format }))).toMatchObject({ depth: 'ushort', channels: 3 });
    expect(await factsOf(await convert(grey, 'png', { output_format }))).toMatchObject({ depth: 'ushort', channels: 1 });
  });
});
