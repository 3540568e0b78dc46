import sharp from 'sharp';

/** Noise, so that qualities differ in size; opaque. */
const noise = (width: number, height: number): sharp.Sharp =>
  sharp({ create: { width, height, channels: 3, background: '#808080', noise: { type: 'gaussian', mean: 128, sigma: 40 } } });

export const png = (width = 120, height = 80): Promise<Buffer> => noise(width, height).png().toBuffer();

/** With camera data of its own, and told to be turned by a quarter (EXIF orientation 6). */
export const turnedJpg = (width = 120, height = 80): Promise<Buffer> =>
  noise(width, height).withExif({ IFD0: { Copyright: 'millrace-test' } }).withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer();

export const svg = (width = 120, height = 80): Buffer =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#c00"/><circle cx="40" cy="40" r="30" fill="#0c0"/></svg>`);

/** A tiny PNG that claims to be of this size. */
export function hugePng(width: number, height: number): Buffer {
  const small = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
  small.writeUInt32BE(width, 16);
  small.writeUInt32BE(height, 20);
  small.writeUInt32BE(crc32(small.subarray(12, 29)), 29);
  return small;
}

/** CRC-32 of ISO 3309, as PNG chunks end with it. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** What sharp reads of an image. */
export const look = (image: Buffer): Promise<sharp.Metadata> => sharp(image).metadata();
