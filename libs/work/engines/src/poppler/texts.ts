import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Failure } from '@millrace/failures';
import { runsOf } from './pages';
import { program } from './program';
import type { PopplerRuns } from './run';

/** Pages that one run reads. */
const RUN_PAGES = 200;

/**
 * Writes the text of `pages` to one file, in UTF-8, with a form feed behind each page.
 * @throws Failure INVALID_INPUT when there is none, as in a scan.
 */
export async function writeText(runs: PopplerRuns, file: string, pages: readonly number[], index: number, done: (pages: number) => void): Promise<string> {
  const output = path.join(runs.ctx.outDir, `${index}.txt`);
  let seen = false;
  for (const run of runsOf(pages, RUN_PAGES)) {
    const part = path.join(runs.ctx.outDir, `${index}.part`);
    await runs.run(file, run, [program('pdftotext'), '-q', '-enc', 'UTF-8', '-eol', 'unix', '-f', String(run.first), '-l', String(run.last), file, part], [part]);
    await pipeline(
      createReadStream(part, 'utf8'),
      async function* (chunks: AsyncIterable<string>) {
        for await (const chunk of chunks) {
          seen ||= /\S/.test(chunk);
          yield chunk;
        }
      },
      createWriteStream(output, { flags: 'a' }),
    );
    await rm(part);
    done(run.last - run.first + 1);
  }
  if (!seen) throw new Failure('INVALID_INPUT', 'The pages hold no text: they may be pictures of text');
  return output;
}
