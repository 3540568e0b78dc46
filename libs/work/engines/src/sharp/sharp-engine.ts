import path from 'node:path';
import { Failure } from '@millrace/failures';
import type { Engine, EngineFactory, InputFile, LocalOutput, StoredOutput, TaskContext } from '@millrace/engine-kit';
import type { Bind } from '@millrace/sandbox';
import type { EngineDeps } from '../deps';
import { outputName } from '../output-name';
import { askedOf } from './asked';
import { sharpOptions, type SharpOptions } from './options';
import { pagesOf } from './pages';
import { passed } from './passed';
import { programBinds, versionOf } from './program';
import { LOADERS, typeName } from './request';
import { runSharp } from './run-sharp';

const NAME = 'sharp';
const OPERATIONS = ['convert', 'thumbnail'];

/** Converts images, and makes small ones of them, each file in a jail of its own. */
export const sharpEngine: EngineFactory<EngineDeps> = {
  name: NAME,
  version: (deps) => versionOf(deps, programBinds(deps)),
  async create(deps) {
    const ro = programBinds(deps);
    return new SharpEngine(await versionOf(deps, ro), deps, ro);
  },
};

class SharpEngine implements Engine {
  readonly name = NAME;
  readonly fetchInputs = true;

  constructor(
    readonly version: string,
    private readonly deps: EngineDeps,
    private readonly program: readonly Bind[],
  ) {}

  async run(ctx: TaskContext): Promise<{ files: (LocalOutput | StoredOutput)[] }> {
    if (!OPERATIONS.includes(ctx.operation)) throw new Failure('INVALID_INPUT', `The engine sharp has no operation ${ctx.operation}`);
    if (ctx.inputs.length === 0) throw new Failure('INVALID_INPUT', 'The task has no input file');
    const options = sharpOptions(ctx);
    const files: (LocalOutput | StoredOutput)[] = [];
    for (const [index, input] of ctx.inputs.entries()) {
      if (options.pass_others && !isWorkFor(input, options)) files.push(passed(input));
      else files.push(...(await this.#convert(ctx, input, index, files.length, options)));
      ctx.progress(Math.round(((index + 1) / ctx.inputs.length) * 100));
    }
    return { files };
  }

  async #convert(ctx: TaskContext, input: InputFile, index: number, before: number, options: SharpOptions): Promise<LocalOutput[]> {
    const type = typeName(input.type) ?? '';
    const loader = LOADERS[type];
    if (input.size === 0) throw new Failure('INVALID_INPUT', `The file ${input.filename} is empty`);
    if (!input.path || !loader) throw new Failure('INVALID_INPUT', `The file is not a readable image: its content is not ${Object.keys(LOADERS).join(', ')}`);
    const { output_format: format } = options;
    const paths = await runSharp(this.deps, this.program, ctx, {
      ...askedOf(options),
      loader,
      vector: type === 'svg',
      input: input.path,
      output: [path.join(ctx.outDir, `${index}-`), `.${format}`],
      pages: pagesOf(ctx.operation, type, format),
      orientation: (options.auto_orient ?? true) ? 'apply' : 'keep',
    });
    // The name that was asked for is that of the task's result, which the last of several steps makes.
    const naming = options.pass_others ? { options: {} } : ctx;
    return paths.map((file, page) => ({ path: file, filename: outputName(naming, input, format, before + page, paths.length), expect: format }));
  }
}

/** True for what this engine reads and has to convert; the rest is for a later step, in the order it came. */
function isWorkFor({ type }: InputFile, { output_format: format }: SharpOptions): boolean {
  const name = typeName(type) ?? '';
  return Object.hasOwn(LOADERS, name) && name !== format;
}
