import type { InputFile, TaskContext } from '@millrace/engine-kit';
import type { RunLimits, RunResult, Sandbox } from '@millrace/sandbox';
import { assertEnded, wallMsOf } from '../outcome';
import { failureOfRun } from './ffmpeg-errors';
import type { ProgressReader } from './progress';

const GIB = 1024 ** 3;
/** Encoders start threads by the dozen, whatever they are told; a picture of 8K with its references takes the memory. */
const LIMITS = { outputBytes: 16 * GIB, outputFiles: 100, openFiles: 256, processes: 256, memoryBytes: 3 * GIB };
/** Nothing is asked, and the lines of progress are all that stands on standard output. */
const QUIET = ['-hide_banner', '-nostdin', '-y', '-v', 'error', '-nostats', '-progress', 'pipe:1', '-stats_period', '0.5'];

export interface FfmpegRun {
  readonly args: readonly string[];
  readonly input: InputFile & { readonly path: string };
  /** What it is to become, for messages. */
  readonly format: string;
  readonly threads: number;
  readonly progress: ProgressReader;
}

/**
 * Runs ffmpeg in the jail, where it sees the one input and the folder of outputs.
 * @throws Failure the outcome of a run that was stopped, went over a limit or did not end well.
 */
export async function runFfmpeg(sandbox: Sandbox, ctx: TaskContext, { args, input, format, threads, progress }: FfmpegRun): Promise<RunResult> {
  const wallMs = wallMsOf(ctx);
  const limits: RunLimits = { ...LIMITS, wallMs, cpuS: Math.ceil((wallMs / 1000) * Math.max(2, threads)) };
  const spec = { argv: ['ffmpeg', ...QUIET, ...args], env: { SVT_LOG: '1' }, ro: [{ from: input.path }], rw: [{ from: ctx.outDir }], limits };
  const result = await sandbox.run(spec, { signal: ctx.signal, onStdoutLine: (line) => progress.line(line) });
  assertEnded('ffmpeg', result, limits, ctx);
  if (result.exitCode !== 0) throw failureOfRun(result, input.filename, format);
  return result;
}
