import { rm } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '@millrace/failures';
import type { Engine, EngineFactory, InputFile, LocalOutput, StoredOutput, TaskContext } from '@millrace/engine-kit';
import type { Bind } from '@millrace/sandbox';
import type { EngineDeps } from '../deps';
import { outputName } from '../output-name';
import { programVersion } from '../program-version';
import { askedOf } from '../sharp/asked';
import { sharpOptions, type SharpOptions } from '../sharp/options';
import { passed } from '../sharp/passed';
import { programBinds } from '../sharp/program';
import { LOADERS } from '../sharp/request';
import { runSharp } from '../sharp/run-sharp';
import { decode, PROGRAM } from './decode';

const NAME = 'libheif';
const READS = ['heic', 'heif'];

const isHeic = ({ type }: InputFile) => READS.includes(type ?? '');

const version = ({ sandbox }: EngineDeps) => programVersion(sandbox, NAME, [PROGRAM, '--version'], /libheif version: ([\d.]+)/);

/**
 * Converts HEIC images: libheif decodes, which sharp's own libraries do not for want of a licence, and sharp does the rest, in a jail each.
 * The detour also mends the orientation: heif-convert turns the image and leaves the tag that asks for it, so that viewers turn it again.
 */
export const libheifEngine: EngineFactory<EngineDeps> = {
  name: NAME,
  version,
  async create(deps) {
    await programVersion(deps.sandbox, NAME, [PROGRAM, '--list-decoders'], /HEIC decoders:\s+- (\w+)/);
    return new LibheifEngine(await version(deps), deps, programBinds(deps));
  },
};

class LibheifEngine implements Engine {
  readonly name = NAME;
  readonly fetchInputs = true;

  constructor(
    readonly version: string,
    private readonly deps: EngineDeps,
    private readonly sharp: readonly Bind[],
  ) {}

  async run(ctx: TaskContext): Promise<{ files: (LocalOutput | StoredOutput)[] }> {
    if (ctx.operation !== 'convert') throw new Failure('INVALID_INPUT', `The engine libheif has no operation ${ctx.operation}`);
    if (ctx.inputs.length === 0) throw new Failure('INVALID_INPUT', 'The task has no input file');
    const options = sharpOptions(ctx);
    const files: (LocalOutput | StoredOutput)[] = [];
    for (const [index, input] of ctx.inputs.entries()) {
      if (options.pass_others && !isHeic(input)) files.push(passed(input));
      else files.push(...(await this.#convert(ctx, input, index, files.length, options)));
      ctx.progress(Math.round(((index + 1) / ctx.inputs.length) * 100));
    }
    return { files };
  }

  async #convert(ctx: TaskContext, input: InputFile, index: number, before: number, options: SharpOptions): Promise<LocalOutput[]> {
    const { path: file } = input;
    if (input.size === 0) throw new Failure('INVALID_INPUT', `The file ${input.filename} is empty`);
    if (!file || !isHeic(input)) throw new Failure('INVALID_INPUT', `The file ${input.filename} is not a HEIC image`);
    const { output_format: format } = options;
    const asked = askedOf(options);
    const images = await decode(this.deps.sandbox, ctx, { ...input, path: file }, index);
    const made: string[] = [];
    for (const [image, decoded] of images.entries()) {
      const output = [path.join(ctx.outDir, `${index}-${image}-`), `.${format}`] as const;
      made.push(...(await runSharp(this.deps, this.sharp, ctx, { ...asked, loader: LOADERS['png']!, vector: false, input: decoded, output, pages: 'first', orientation: 'done' })));
      await rm(decoded);
    }
    // The name that was asked for is that of the task's result, which the last of several steps makes.
    const naming = options.pass_others ? { options: {} } : ctx;
    return made.map((output, image) => ({ path: output, filename: outputName(naming, input, format, before + image, made.length), expect: format }));
  }
}
