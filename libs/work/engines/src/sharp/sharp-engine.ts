import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { Failure } from '@millrace/failures';
import type { Engine, EngineFactory, InputFile, LocalOutput, TaskContext } from '@millrace/engine-kit';
import type { Bind, RunLimits, RunResult } from '@millrace/sandbox';
import type { EngineDeps } from '../deps';
import { assertEnded, assertProduced, crashed, wallMsOf } from '../outcome';
import { sharpOptions, type SharpOptions } from './options';
import { LOADERS, typeName, type RunnerAnswer, type RunnerRequest } from './request';
import { RUNNER, VERSION_PROBE } from './runner';
import { failureOfSharp } from './sharp-errors';

const NAME = 'sharp';
/** sharp's own default, 0x3FFF squared; four bytes a pixel of it fit into the memory limit. */
export const PIXEL_LIMIT = 268_402_689;
const LIMITS = { outputBytes: 1024 ** 3, outputFiles: 100, openFiles: 256, processes: 64, memoryBytes: 1.5 * 1024 ** 3 };
const PACKAGES = ['sharp', '@img', 'detect-libc', 'semver'];

/** Converts jpg, png, webp and svg images to jpg, png and webp, each in a jail of its own. */
export const sharpEngine: EngineFactory<EngineDeps> = {
  name: NAME,
  async create(deps) {
    const ro = programBinds(deps);
    const probe = { argv: [deps.nodePath, '-e', VERSION_PROBE], stdin: packageDir(deps), ro, rw: [], limits: { ...LIMITS, wallMs: 30_000 } };
    const { exitCode, stdout, stderr } = await deps.sandbox.run(probe);
    if (exitCode !== 0) throw new Failure('ENGINE_UNAVAILABLE', 'The engine sharp does not run here', { cause: new Error(stderr) });
    return new SharpEngine(stdout.trim(), deps, ro);
  },
};

const packageDir = (deps: EngineDeps) => path.join(deps.modulesDir, 'sharp');

function programBinds({ nodePath, modulesDir }: EngineDeps): Bind[] {
  const packages = PACKAGES.map((name) => path.join(modulesDir, name)).filter((dir) => existsSync(dir));
  // /usr is in every jail; a node of a version manager brings its prefix.
  const node = [nodePath, realpathSync(nodePath)].filter((file) => !file.startsWith('/usr/')).map((file) => path.dirname(path.dirname(file)));
  return [...packages, ...new Set(node)].map((from) => ({ from }));
}

/** The runner's answer; a program taken over by its input may have printed anything. */
function answerOf(result: RunResult): RunnerAnswer {
  try {
    return JSON.parse(result.stdout) as RunnerAnswer;
  } catch {
    throw crashed(NAME, 'gave no answer', result);
  }
}

class SharpEngine implements Engine {
  readonly name = NAME;
  readonly fetchInputs = true;

  constructor(
    readonly version: string,
    private readonly deps: EngineDeps,
    private readonly program: readonly Bind[],
  ) {}

  async run(ctx: TaskContext): Promise<{ files: LocalOutput[] }> {
    if (ctx.operation !== 'convert') throw new Failure('INVALID_INPUT', `The engine sharp has no operation ${ctx.operation}`);
    if (ctx.inputs.length === 0) throw new Failure('INVALID_INPUT', 'The task has no input file');
    const options = sharpOptions(ctx.options);
    const files: LocalOutput[] = [];
    for (const [index, input] of ctx.inputs.entries()) {
      files.push(await this.#convert(ctx, input, index, options));
      ctx.progress(Math.round(((index + 1) / ctx.inputs.length) * 100));
    }
    return { files };
  }

  async #convert(ctx: TaskContext, input: InputFile, index: number, options: SharpOptions): Promise<LocalOutput> {
    const type = typeName(input.type);
    const loader = type === undefined ? undefined : LOADERS[type];
    if (input.size === 0) throw new Failure('INVALID_INPUT', `The file ${input.filename} is empty`);
    if (!input.path || !loader) throw new Failure('INVALID_INPUT', `The file is not a readable image: its content is not ${Object.keys(LOADERS).join(', ')}`);
    const output = path.join(ctx.outDir, `${index}.${options.output_format}`);
    const limits: RunLimits = { ...LIMITS, wallMs: wallMsOf(ctx) };
    const { width, height } = options;
    if ((width ?? 1) * (height ?? 1) > PIXEL_LIMIT) throw failureOfSharp('exceeds pixel limit', PIXEL_LIMIT);
    const request: RunnerRequest = {
      sharp: packageDir(this.deps),
      loader,
      vector: type === 'svg',
      input: input.path,
      output,
      format: options.output_format,
      width: width ?? undefined,
      height: height ?? undefined,
      fit: options.fit ?? 'max',
      quality: options.quality ?? undefined,
      strip: options.strip ?? false,
      autoOrient: options.auto_orient ?? true,
      pixelLimit: PIXEL_LIMIT,
      // sharp's own timeout takes whole seconds, an hour at most; it ends before ours where it can, with a better message.
      timeoutS: Math.min(3600, Math.max(1, Math.floor(limits.wallMs / 1000))),
    };
    const result = await this.deps.sandbox.run(
      {
        argv: [this.deps.nodePath, '--max-old-space-size=256', '-e', RUNNER],
        env: { VIPS_BLOCK_UNTRUSTED: '1' },
        stdin: JSON.stringify(request),
        // The one file, not its folder: an SVG can draw what lies beside it.
        ro: [...this.program, { from: input.path }],
        rw: [{ from: ctx.outDir }],
        limits,
      },
      { signal: ctx.signal },
    );
    assertEnded(NAME, result, limits, ctx);
    if (result.exitCode !== 0) throw crashed(NAME, `ended with exit code ${result.exitCode}`, result);
    const answer = answerOf(result);
    if (!answer.ok) throw failureOfSharp(answer.error, PIXEL_LIMIT);
    await assertProduced(NAME, output, result);
    const stem = path.parse(input.filename).name || 'image';
    return { path: output, filename: `${stem}.${options.output_format}`, expect: options.output_format };
  }
}
