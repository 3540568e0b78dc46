import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '@millrace/failures';
import type { Engine, EngineFactory, EngineResult, InputFile, TaskContext } from '@millrace/engine-kit';
import type { RunLimits, RunResult } from '@millrace/sandbox';
import type { EngineDeps } from '../deps';
import { assertEnded, assertProduced, crashed, wallMsOf } from '../outcome';
import { outputName } from '../output-name';
import { QPDF, QPDF_LIMITS, qpdfVersion, WITH_WARNINGS } from './program';
import { refusal } from './refusal';

const NAME = 'qpdf';
/** A document of one page object can name it a hundred thousand times. */
export const MERGE_PAGES = 20_000;

/** Joins PDFs into one, in the order of the inputs. */
export const qpdfEngine: EngineFactory<EngineDeps> = {
  name: NAME,
  version: ({ sandbox }) => qpdfVersion(sandbox, NAME),
  async create(deps) {
    return new QpdfEngine(await qpdfVersion(deps.sandbox, NAME), deps);
  },
};

function assertPdf({ filename, path: file, size, type }: InputFile): void {
  if (size === 0) throw new Failure('INVALID_INPUT', `The file ${filename} is empty`);
  if (!file || type !== 'pdf') throw new Failure('INVALID_INPUT', `The file ${filename} is not a PDF`);
}

class QpdfEngine implements Engine {
  readonly name = NAME;
  readonly fetchInputs = true;

  constructor(
    readonly version: string,
    private readonly deps: EngineDeps,
  ) {}

  async run(ctx: TaskContext): Promise<EngineResult> {
    if (ctx.operation !== 'merge') throw new Failure('INVALID_INPUT', `The engine qpdf has no operation ${ctx.operation}`);
    if (ctx.inputs.length === 0) throw new Failure('INVALID_INPUT', 'The task has no input file');
    ctx.inputs.forEach(assertPdf);

    const output = path.join(ctx.outDir, 'merged.pdf');
    // From a file: a thousand paths are too much for some command lines. Object ids by content: the same files make the same document.
    const argumentsFile = path.join(ctx.scratchDir, 'arguments');
    await writeFile(argumentsFile, ['--empty', '--deterministic-id', '--pages', ...ctx.inputs.map(({ path: file }) => file), '--', output, ''].join('\n'), { flag: 'wx' });
    const { stderr } = await this.#qpdf(ctx, [`@${argumentsFile}`], output);
    ctx.progress(90);
    await this.#checkPages(ctx, output);
    ctx.progress(100);
    // The exit code tells nothing of repaired inputs.
    const message = /^WARNING: /m.test(stderr) ? { message: 'A file was damaged and has been repaired as far as possible' } : {};
    return { files: [{ path: output, filename: outputName(ctx, { filename: 'merged' }, 'pdf'), expect: 'pdf' }], ...message };
  }

  async #qpdf(ctx: TaskContext, argv: readonly string[], output: string): Promise<RunResult> {
    const limits = this.#limits(ctx);
    const result = await this.deps.sandbox.run(
      { argv: [QPDF, ...argv], ro: [{ from: ctx.inDir }, { from: ctx.scratchDir }], rw: [{ from: ctx.outDir }], limits },
      { signal: ctx.signal },
    );
    assertEnded(NAME, result, limits, ctx);
    if (result.exitCode === 2) throw refusal(result, ctx.inputs);
    if (result.exitCode !== 0 && result.exitCode !== WITH_WARNINGS) throw crashed(NAME, `ended with exit code ${result.exitCode}`, result);
    await assertProduced(NAME, output, result);
    return result;
  }

  /** Of the result: what an input says of itself may be a lie, and the limits have held whatever it was. */
  async #checkPages(ctx: TaskContext, output: string): Promise<void> {
    const limits = this.#limits(ctx);
    const result = await this.deps.sandbox.run({ argv: [QPDF, '--show-npages', output], ro: [{ from: output }], rw: [], limits }, { signal: ctx.signal });
    assertEnded(NAME, result, limits, ctx);
    const pages = Number(result.stdout);
    if (result.exitCode !== 0 || !Number.isSafeInteger(pages)) throw crashed(NAME, 'wrote a document that it cannot read', result);
    if (pages === 0) throw new Failure('INVALID_INPUT', 'The files have no pages');
    if (pages > MERGE_PAGES) throw new Failure('LIMIT_EXCEEDED', `The files have more than ${MERGE_PAGES.toLocaleString('en')} pages together`);
  }

  #limits(ctx: TaskContext): RunLimits {
    const bytes = ctx.inputs.reduce((sum, { size }) => sum + size, 0);
    return { ...QPDF_LIMITS, wallMs: wallMsOf(ctx), outputBytes: 3 * bytes + 64 * 1024 ** 2 };
  }
}
