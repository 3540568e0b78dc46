import sharp, { type Metadata, type Sharp } from 'sharp';

/** One colour, 40 by 20 pixels unless told otherwise. */
export const plain = (width = 40, height = 20, background = '#c01020'): Sharp => sharp({ create: { width, height, channels: 3, background } });

/** Noise, so that quality shows. */
export const noise = (width = 40, height = 20): Sharp =>
  sharp({ create: { width, height, channels: 3, noise: { type: 'gaussian', mean: 128, sigma: 60 }, background: '#000' } });

/** Noise with EXIF that names an owner and says that it lies on its side. */
export const photo = (): Promise<Buffer> =>
  noise()
    .withExif({ IFD0: { Copyright: 'canary owner', Orientation: '6' } })
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 100 })
    .toBuffer();

/** Frames of `colours`, as gif or webp, or pages of a tiff. */
export async function frames(format: 'gif' | 'webp' | 'tiff', colours: readonly string[] = ['#ff0000', '#00ff00', '#0000ff'], width = 40, height = 20): Promise<Buffer> {
  const images = await Promise.all(colours.map((colour) => plain(width, height, colour).png().toBuffer()));
  const joined = sharp(images, { join: { animated: true } });
  if (format === 'tiff') return joined.tiff({ compression: 'lzw' }).toBuffer();
  return joined.toFormat(format, { delay: colours.map((_, index) => 100 + 50 * index), loop: 4 }).toBuffer();
}

export const svg = (inner: string, attributes = 'width="40" height="20"'): Buffer =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${inner}</svg>`);

/** What sharp says of an image with all its frames or pages. */
export const factsOf = (bytes: Buffer): Promise<Metadata> => sharp(bytes, { pages: -1 }).metadata();

/** Red, green, blue and alpha of the pixel in the middle of a page. */
export async function centre(bytes: Buffer, page = 0): Promise<number[]> {
  const { data, info } = await sharp(bytes, { page }).toColourspace('srgb').ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = 4 * (Math.floor(info.height / 2) * info.width + Math.floor(info.width / 2));
  return [...data.subarray(at, at + 4)];
}
