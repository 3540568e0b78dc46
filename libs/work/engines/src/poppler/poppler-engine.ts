import { Failure } from '@millrace/failures';
import type { Engine, EngineFactory, InputFile, LocalOutput, StoredOutput, TaskContext } from '@millrace/engine-kit';
import type { EngineDeps } from '../deps';
import { outputName } from '../output-name';
import { programVersion } from '../program-version';
import { qpdfVersion } from '../qpdf';
import { openDocument, pageSizes } from './document';
import { drawDrawings } from './drawings';
import { PICTURES, popplerOptions, type Picture, type PopplerOptions } from './options';
import { selectPages } from './pages';
import { drawPictures } from './pictures';
import { program } from './program';
import { PopplerRuns } from './run';
import { writeText } from './texts';

const NAME = 'poppler';
const OPERATIONS = ['convert', 'thumbnail'];
/** Pages of one document that are drawn, and that are read. */
const DRAWN_PAGES = 2000;
const READ_PAGES = 20_000;

const version = ({ sandbox }: EngineDeps) => programVersion(sandbox, NAME, [program('pdftoppm'), '-v'], /pdftoppm version ([\d.]+)/);

/** Shows the pages of PDFs as pictures, drawings or text, with the programs of poppler-utils; qpdf opens what a password protects. */
export const popplerEngine: EngineFactory<EngineDeps> = {
  name: NAME,
  version,
  async create(deps) {
    await qpdfVersion(deps.sandbox, NAME);
    return new PopplerEngine(await version(deps), deps);
  },
};

const isPicture = (format: string): format is Picture => (PICTURES as readonly string[]).includes(format);

/** `input` by reference, for a later step. */
function passed({ path: _path, task: _task, ...file }: InputFile): StoredOutput {
  return file;
}

class PopplerEngine implements Engine {
  readonly name = NAME;
  readonly fetchInputs = true;

  constructor(
    readonly version: string,
    private readonly deps: EngineDeps,
  ) {}

  async run(ctx: TaskContext): Promise<{ files: (LocalOutput | StoredOutput)[] }> {
    if (!OPERATIONS.includes(ctx.operation)) throw new Failure('INVALID_INPUT', `The engine poppler has no operation ${ctx.operation}`);
    if (ctx.inputs.length === 0) throw new Failure('INVALID_INPUT', 'The task has no input file');
    const options = popplerOptions(ctx);
    const runs = new PopplerRuns(this.deps.sandbox, ctx);
    // The name that was asked for is that of the task's result, which the last of several steps makes.
    const naming = options.passOthers ? { options: {} } : ctx;
    const files: (LocalOutput | StoredOutput)[] = [];
    for (const [index, input] of ctx.inputs.entries()) {
      if (options.passOthers && input.type !== 'pdf') files.push(passed(input));
      else {
        const paths = await this.#show(runs, input, index, options);
        const before = files.length;
        // Nothing in plain text shows that it is text.
        const expected = options.format === 'txt' ? {} : { expect: options.format };
        files.push(...paths.map((path, page) => ({ path, filename: outputName(naming, input, options.format, before + page, paths.length), ...expected })));
      }
      ctx.progress(Math.round(((index + 1) / ctx.inputs.length) * 100));
    }
    return { files };
  }

  async #show(runs: PopplerRuns, input: InputFile, index: number, options: PopplerOptions): Promise<string[]> {
    const { sandbox } = this.deps;
    const { ctx } = runs;
    const document = await openDocument(sandbox, ctx, input, index, options.password);
    const pages = selectPages(options.pages, document.pages, options.format === 'txt' ? READ_PAGES : DRAWN_PAGES);
    let shown = 0;
    const done = (some: number): void => {
      shown += some;
      ctx.progress(Math.round(((index + shown / pages.length) / ctx.inputs.length) * 100));
    };
    const { format } = options;
    if (format === 'txt') return [await writeText(runs, document.file, pages, index, done)];
    const sizes = await pageSizes(sandbox, ctx, document.file, Math.min(...pages), Math.max(...pages));
    if (pages.some((page) => !sizes.has(page))) throw new Failure('INVALID_INPUT', 'A page of the PDF cannot be read: it is damaged');
    if (isPicture(format)) return drawPictures(runs, document, sizes, pages, index, { ...options, format }, done);
    return drawDrawings(runs, document.file, pages, index, options.sizing.density, done);
  }
}
