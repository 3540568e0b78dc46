import path from 'node:path';
import type { Document, SizedPage } from './document';
import { runsOf } from './pages';
import { pictureSize, type PictureSize } from './picture-size';
import type { Picture, PopplerOptions } from './options';
import { program } from './program';
import type { PopplerRuns } from './run';

/** Pages that one run draws: enough to make its start cheap, few enough to show progress. */
const RUN_PAGES = 16;
/** The endings that pdftoppm gives. */
const ENDING: Readonly<Record<Picture, string>> = { png: 'png', jpg: 'jpg', tiff: 'tif' };

/** Of a jpg, as contract §6.1 has it. */
const QUALITY = 75;

const same = (a: PictureSize, b: PictureSize): boolean => JSON.stringify(a) === JSON.stringify(b);

function formatArguments(format: Picture, quality: number | undefined): string[] {
  if (format === 'jpg') return ['-jpeg', '-jpegopt', `quality=${quality ?? QUALITY},optimize=y`];
  return format === 'tiff' ? ['-tiff', '-tiffcompression', 'lzw'] : ['-png'];
}

/** pdftoppm scales a page before it turns it. */
function sizeArguments({ width, height, window }: PictureSize, turned: boolean): string[] {
  const [x, y] = turned ? [height, width] : [width, height];
  const cut = window ? ['-x', window.x, '-y', window.y, '-W', window.width, '-H', window.height] : [];
  return ['-scale-to-x', x, '-scale-to-y', y, ...cut].map(String);
}

/** Draws `pages` as pictures; gives their files in that order. `done` is told of each run's number of pages. */
export async function drawPictures(
  runs: PopplerRuns,
  { file, pages: total }: Document,
  sizes: ReadonlyMap<number, SizedPage>,
  pages: readonly number[],
  index: number,
  { format, sizing, quality }: PopplerOptions & { readonly format: Picture },
  done: (pages: number) => void,
): Promise<string[]> {
  const pictures = new Map(pages.map((page) => [page, pictureSize(sizes.get(page)!, sizing)]));
  const alike = (a: number, b: number): boolean => same(pictures.get(a)!, pictures.get(b)!) && sizes.get(a)!.turned === sizes.get(b)!.turned;
  const digits = String(total).length;
  const root = path.join(runs.ctx.outDir, String(index));
  const outputOf = (page: number): string => `${root}-${String(page).padStart(digits, '0')}.${ENDING[format]}`;
  for (const run of runsOf(pages, RUN_PAGES, alike)) {
    const { turned } = sizes.get(run.first)!;
    const argv = [program('pdftoppm'), '-q', '-cropbox', '-f', String(run.first), '-l', String(run.last), ...formatArguments(format, quality), ...sizeArguments(pictures.get(run.first)!, turned), file, root];
    const outputs = pages.filter((page) => page >= run.first && page <= run.last).map(outputOf);
    await runs.run(file, run, argv, outputs);
    done(outputs.length);
  }
  return pages.map(outputOf);
}
