import sharp from 'sharp';

const SIDE = 16;

/** 256 bits of how brightness changes from left to right over a grid (dHash), as hexadecimal digits; small changes of rendering change few. */
export async function perceptualHash(image: Buffer): Promise<string> {
  const grey = await sharp(image).flatten({ background: '#ffffff' }).greyscale().resize(SIDE + 1, SIDE, { fit: 'fill' }).raw().toBuffer();
  let bits = '';
  for (let y = 0; y < SIDE; y += 1) for (let x = 0; x < SIDE; x += 1) bits += grey[y * (SIDE + 1) + x]! > grey[y * (SIDE + 1) + x + 1]! ? '1' : '0';
  return bits.match(/.{4}/g)!.map((four) => Number.parseInt(four, 2).toString(16)).join('');
}

/** In how many bits two hashes differ. */
export function distance(a: string, b: string): number {
  const bits = (digit: string) => Number.parseInt(digit, 16);
  return [...a].reduce((sum, digit, i) => sum + (bits(digit) ^ bits(b[i] ?? '0')).toString(2).replaceAll('0', '').length, 0);
}
