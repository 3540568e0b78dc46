import path from 'node:path';
import { program } from './program';
import type { PopplerRuns } from './run';

/** Draws `pages` as SVG, one file and one run each, which is how pdftocairo does it; gives their files in that order. */
export async function drawDrawings(runs: PopplerRuns, file: string, pages: readonly number[], index: number, density: number, done: (pages: number) => void): Promise<string[]> {
  const outputs: string[] = [];
  for (const page of pages) {
    const output = path.join(runs.ctx.outDir, `${index}-${page}.svg`);
    // The density is that of what SVG cannot hold and cairo draws as a picture.
    await runs.run(file, { first: page, last: page }, [program('pdftocairo'), '-q', '-svg', '-r', String(density), '-f', String(page), '-l', String(page), file, output], [output]);
    outputs.push(output);
    done(1);
  }
  return outputs;
}
