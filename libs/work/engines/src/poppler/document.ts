import path from 'node:path';
import { Failure } from '@millrace/failures';
import type { InputFile, TaskContext } from '@millrace/engine-kit';
import type { RunResult, Sandbox } from '@millrace/sandbox';
import { assertEnded, crashed, wallMsOf } from '../outcome';
import { decrypted } from '../qpdf';
import type { PageSize } from './picture-size';
import { POPPLER_LIMITS, program, refusal } from './program';

/** A PDF that opens. */
export interface Document {
  /** Where it lies, without its encryption. */
  readonly file: string;
  readonly pages: number;
}

const PAGE = /^Page +(\d+) (size|rot): +(.*)$/;
const PROBE_CPU_S = 30;

/**
 * Asks pdfinfo, in the jail, what there is to draw, before anything draws it.
 * @throws Failure INVALID_INPUT for a damaged file, for one without pages, and for one that its password, or none, does not open.
 */
export async function openDocument(sandbox: Sandbox, ctx: TaskContext, input: InputFile, index: number, password: string | undefined): Promise<Document> {
  if (input.size === 0) throw new Failure('INVALID_INPUT', `The file ${input.filename} is empty`);
  if (!input.path || input.type !== 'pdf') throw new Failure('INVALID_INPUT', `The file ${input.filename} is not a PDF`);
  const result = await pdfinfo(sandbox, ctx, input.path, []);
  if (!/Incorrect password/.test(result.stderr)) return { file: input.path, pages: countOf(result) };
  if (password === undefined) throw new Failure('INVALID_INPUT', `The file ${input.filename} is protected by a password; give it in the option password`);
  // Poppler takes a password only as an argument, where others can read it.
  const file = path.join(ctx.scratchDir, `${index}.pdf`);
  await decrypted(sandbox, ctx, { from: input.path, to: file, size: input.size }, password);
  return { file, pages: countOf(await pdfinfo(sandbox, ctx, file, [])) };
}

/** A page as it is seen, and whether it lies on its side in the file. */
export interface SizedPage extends PageSize {
  readonly turned: boolean;
}

/** The sizes of pages `first` to `last`. */
export async function pageSizes(sandbox: Sandbox, ctx: TaskContext, file: string, first: number, last: number): Promise<Map<number, SizedPage>> {
  const found = new Map<number, SizedPage>();
  const onStdoutLine = (line: string): void => {
    const [, page, what, value = ''] = PAGE.exec(line) ?? [];
    if (what === 'size') {
      const [width = 0, height = 0] = value.split(' x ').map(parseFloat);
      found.set(Number(page), { width, height, turned: false });
    } else if (what === 'rot' && Number(value) % 180 !== 0) {
      const { width, height } = found.get(Number(page))!;
      found.set(Number(page), { width: height, height: width, turned: true });
    }
  };
  const result = await pdfinfo(sandbox, ctx, file, ['-f', String(first), '-l', String(last)], onStdoutLine);
  if (result.exitCode !== 0) throw refusal(result);
  for (const { width, height } of found.values()) if (!(width > 0 && height > 0)) throw new Failure('INVALID_INPUT', 'A page of the PDF has no size');
  return found;
}

async function pdfinfo(sandbox: Sandbox, ctx: TaskContext, file: string, options: readonly string[], onStdoutLine?: (line: string) => void): Promise<RunResult> {
  const limits = { ...POPPLER_LIMITS, wallMs: wallMsOf(ctx), cpuS: PROBE_CPU_S };
  const run = { argv: [program('pdfinfo'), ...options, file], ro: [{ from: file }], rw: [], limits };
  const result = await sandbox.run(run, { signal: ctx.signal, ...(onStdoutLine && { onStdoutLine }) });
  assertEnded('poppler', result, limits, ctx);
  return result;
}

function countOf(result: RunResult): number {
  if (result.exitCode !== 0) throw refusal(result);
  const pages = Number(/^Pages: +(\d+)$/m.exec(result.stdout)?.[1]);
  if (!Number.isSafeInteger(pages)) throw crashed('poppler', 'told no number of pages', result);
  if (pages === 0) throw new Failure('INVALID_INPUT', 'The PDF has no pages');
  return pages;
}
