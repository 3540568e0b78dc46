import { Failure } from '@millrace/failures';

const RANGE = /^\s*(\d{1,7})(?:\s*-\s*(\d{1,7}))?\s*$/;

/**
 * The pages that "1-3,5" means in a document of `total` pages, in the order asked for, each once; all when nothing is asked for. A range
 * may end behind the last page.
 * @param most more than so many pages are refused.
 * @throws Failure INVALID_INPUT for a selection that is malformed or holds no page, LIMIT_EXCEEDED over `most`.
 */
export function selectPages(selection: string | undefined, total: number, most: number): number[] {
  const chosen = new Set<number>();
  for (const part of (selection ?? `1-${total}`).split(',')) {
    const [, first, last = first] = RANGE.exec(part) ?? [];
    if (first === undefined || Number(first) < 1 || Number(last) < Number(first)) throw new Failure('INVALID_INPUT', 'The option pages is invalid: it is a list of pages and ranges, such as 1-3,5');
    for (let page = Number(first); page <= Math.min(Number(last), total); page += 1) {
      chosen.add(page);
      if (chosen.size > most) throw new Failure('LIMIT_EXCEEDED', `More than ${most.toLocaleString('en')} pages would be converted; choose fewer with the option pages`);
    }
  }
  if (chosen.size === 0) throw new Failure('INVALID_INPUT', `The option pages names no page of the document, which has ${total}`);
  return [...chosen];
}

/** Pages that one run of a program does: from `first` to `last`. */
export interface PageRun {
  readonly first: number;
  readonly last: number;
}

/** Splits `pages` into runs of neighbours, of `most` pages at most, that are alike to `same`. */
export function runsOf(pages: readonly number[], most: number, same: (a: number, b: number) => boolean = () => true): PageRun[] {
  const runs: { first: number; last: number }[] = [];
  for (const page of pages) {
    const run = runs.at(-1);
    if (run && page === run.last + 1 && page - run.first < most && same(run.first, page)) run.last = page;
    else runs.push({ first: page, last: page });
  }
  return runs;
}
