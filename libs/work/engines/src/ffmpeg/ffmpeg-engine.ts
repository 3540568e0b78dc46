import os from 'node:os';
import path from 'node:path';
import { Failure } from '@millrace/failures';
import type { Engine, EngineFactory, InputFile, LocalOutput, TaskContext } from '@millrace/engine-kit';
import type { Sandbox } from '@millrace/sandbox';
import type { EngineDeps } from '../deps';
import { assertProduced } from '../outcome';
import { outputName } from '../output-name';
import { assertReadable } from './caps';
import { contentType } from './containers';
import { convertArguments } from './convert-arguments';
import { planConversion } from './convert-plan';
import { assertComplete, assertWhole, unreadable } from './ffmpeg-errors';
import { convertOptions, type ConvertOptions } from './options';
import { probe } from './probe';
import { typeOf } from './produced';
import { ProgressReader } from './progress';
import { riffSize } from './riff-size';
import { runFfmpeg } from './run-ffmpeg';
import { thumbnails } from './thumbnails';

const NAME = 'ffmpeg';
const PROBE_LIMITS = { wallMs: 30_000, outputBytes: 1, openFiles: 64, processes: 64, memoryBytes: 512 * 1024 ** 2 };
/** More threads than this gain little for one film. */
const MOST_THREADS = 8;

/** Converts film and sound, and takes pictures out of films; each file in a jail of its own. */
export const ffmpegEngine: EngineFactory<EngineDeps> = {
  name: NAME,
  version: ({ sandbox }) => versionOf('ffmpeg', sandbox),
  async create({ sandbox }) {
    const version = await versionOf('ffmpeg', sandbox);
    await versionOf('ffprobe', sandbox);
    return new FfmpegEngine(version, sandbox, Math.min(MOST_THREADS, os.availableParallelism()));
  },
};

/** The numbers of the version, without what a distribution adds. */
async function versionOf(program: string, sandbox: Sandbox): Promise<string> {
  const { exitCode, stdout, stderr } = await sandbox.run({ argv: [program, '-version'], ro: [], rw: [], limits: PROBE_LIMITS });
  const version = new RegExp(`^${program} version n?([0-9]+(?:\\.[0-9]+)*|[A-Za-z0-9-]+)`).exec(stdout)?.[1];
  if (exitCode !== 0 || version === undefined) {
    throw new Failure('ENGINE_UNAVAILABLE', `The program ${program} does not run here: install it (apt-get install ffmpeg)`, { cause: new Error(stderr) });
  }
  return version;
}

class FfmpegEngine implements Engine {
  readonly name = NAME;
  readonly fetchInputs = true;

  constructor(
    readonly version: string,
    private readonly sandbox: Sandbox,
    private readonly threads: number,
  ) {}

  async run(ctx: TaskContext): Promise<{ files: LocalOutput[] }> {
    if (ctx.inputs.length === 0) throw new Failure('INVALID_INPUT', 'The task has no input file');
    switch (ctx.operation) {
      case 'convert':
        return { files: await this.#convert(ctx) };
      case 'thumbnail':
        return { files: await this.#thumbnails(ctx) };
      default:
        throw new Failure('INVALID_INPUT', `The engine ffmpeg has no operation ${ctx.operation}`);
    }
  }

  async #convert(ctx: TaskContext): Promise<LocalOutput[]> {
    const options = convertOptions(ctx.options);
    const files: LocalOutput[] = [];
    for (const [index, input] of ctx.inputs.entries()) {
      const tell = (share: number) => ctx.progress(Math.floor(((index + share) / ctx.inputs.length) * 100));
      files.push(await this.#convertOne(ctx, input, index, options, tell));
      tell(1);
    }
    return files;
  }

  async #convertOne(ctx: TaskContext, input: InputFile, index: number, options: ConvertOptions, tell: (share: number) => void): Promise<LocalOutput> {
    const media = await probe(this.sandbox, input, ctx);
    assertReadable(input.filename, media);
    assertComplete(input.filename, input.size, await riffSize(media.path));
    const plan = planConversion(media, options, input.filename);
    const output = path.join(ctx.outDir, `${index}.${plan.format}`);
    const args = convertArguments(plan, { input: media.path, demuxer: media.demuxer, output, threads: this.threads });
    const progress = new ProgressReader(plan.expected, tell);
    const result = await runFfmpeg(this.sandbox, ctx, { args, input: { ...input, path: media.path }, format: plan.format, threads: this.threads, progress });
    if (progress.written === 0 && progress.frames === 0) throw unreadable(input.filename, result.stderr);
    assertWhole(input.filename, { demuxer: media.demuxer, written: progress.written, expected: plan.expected, hasPicture: plan.video !== undefined, stderr: result.stderr });
    await assertProduced(NAME, output, result);
    return { path: output, filename: outputName(ctx, input, plan.format, index), expect: contentType(plan.format, plan.audio?.name, await typeOf(output)) };
  }

  async #thumbnails(ctx: TaskContext): Promise<LocalOutput[]> {
    const files: LocalOutput[] = [];
    for (const [index, input] of ctx.inputs.entries()) {
      const media = await probe(this.sandbox, input, ctx);
      assertReadable(input.filename, media);
      const tell = (share: number) => ctx.progress(Math.floor(((index + share) / ctx.inputs.length) * 100));
      files.push(...(await thumbnails(this.sandbox, ctx, { input, media, before: files.length, tell }, this.threads)));
    }
    return files;
  }
}
