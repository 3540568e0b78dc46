import sharp from 'sharp';
import { sniff } from './sniff';

describe('sniff, on files that sharp writes', () => {
  const image = sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } });

  it.each(['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const)('knows %s', async (format) => {
    const ext = format === 'jpeg' ? 'jpg' : format;
    expect(sniff(await image.clone().toFormat(format).toBuffer())).toEqual({ ext, mime: `image/${format}` });
  });
});
