import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { type Row, series } from './bench';
import { figure, median } from './figure';
import { convert, imported } from './upload';

const run = promisify(execFile);
/** A process a picture, as the engine has it. */
const BARE = "require(process.argv[1])(process.argv[2]).rotate().resize({ width: 1024, height: 1024, fit: 'inside' }).webp().toFile(process.argv[3])";

/** 12 megapixels of a drawing with noise over it. */
export const image: Row = async (bench) => {
  const noise = { width: 4000, height: 3000, channels: 3 as const, noise: { type: 'gaussian' as const, mean: 128, sigma: 30 }, background: '#888' };
  const content = await sharp({ create: noise }).blur(1.5).jpeg({ quality: 85 }).toBuffer();
  const file = path.join(bench.folder, 'a.jpg');
  await writeFile(file, content);
  const input = await imported(bench, 'a.jpg', content);
  const one = () => convert(bench, input, { output_format: 'webp', width: 1024, height: 1024, fit: 'max' });
  const bare = () => run(process.execPath, ['-e', BARE, require.resolve('sharp'), file, path.join(bench.folder, 'a.webp')]);
  const count = bench.quick ? 3 : 20;
  await series(2, one);
  await bare();
  return [figure('12 MP jpg to 1024 px webp, p50', median(await series(count, one)), 'ms', '<= 1.3x', (_, ratio) => ratio <= 1.3, median(await series(count, bare)))];
};
