import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { run } from './run';

const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="96" height="64"><rect width="96" height="64" fill="#1d70b8"/><circle cx="30" cy="32" r="20" fill="#ffdd00"/><path d="M60 50 L76 12 L92 50 Z" fill="#d4351c"/></svg>`;

const ENCODED = { jpg: 'jpeg', png: 'png', webp: 'webp', avif: 'avif', tiff: 'tiff' } as const;

/** A bitmap of 24 bits a pixel, rows from the bottom up; no library here writes one. */
async function bitmap(): Promise<Buffer> {
  const { data, info } = await sharp(Buffer.from(SVG)).flatten().raw().toBuffer({ resolveWithObject: true });
  const head = Buffer.alloc(54);
  head.write('BM');
  head.writeUInt32LE(54 + data.length, 2);
  head.writeUInt32LE(54, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(info.width, 18);
  head.writeInt32LE(info.height, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(24, 28);
  const rows = Array.from({ length: info.height }, (_, row) => data.subarray(row * info.width * 3, (row + 1) * info.width * 3)).reverse();
  const pixels = Buffer.concat(rows);
  for (let at = 0; at < pixels.length; at += 3) pixels.subarray(at, at + 3).reverse();
  return Buffer.concat([head, pixels]);
}

/** Makes the image sample of a format in `folder`; undefined for a format that nothing here makes. */
export async function imageSample(format: string, folder: string): Promise<string | undefined> {
  const file = path.join(folder, `sample.${format}`);
  if (format === 'svg') await writeFile(file, SVG);
  else if (format in ENCODED) await sharp(Buffer.from(SVG)).toFormat(ENCODED[format as keyof typeof ENCODED]).toFile(file);
  else if (format === 'bmp') await writeFile(file, await bitmap());
  else if (format === 'heic' || format === 'heif') {
    const png = path.join(folder, 'for-heif.png');
    await sharp(Buffer.from(SVG)).png().toFile(png);
    await run('heif-enc', [png, '-o', file]);
  } else return undefined;
  return file;
}
