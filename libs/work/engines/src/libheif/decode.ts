import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '@millrace/failures';
import type { InputFile, TaskContext } from '@millrace/engine-kit';
import type { RunLimits, RunResult, Sandbox } from '@millrace/sandbox';
import { assertEnded, assertProduced, crashed, wallMsOf } from '../outcome';

export const PROGRAM = '/usr/bin/heif-convert';
const NAME = 'libheif';
/** Uncompressed enough to hold 16 bits a channel of the largest image that sharp takes afterwards. */
const LIMITS = { cpuS: 300, outputBytes: 2 * 1024 ** 3, outputFiles: 300, openFiles: 64, processes: 64, memoryBytes: 1.5 * 1024 ** 3 };

/**
 * The images of a HEIC file, turned as its container asks, as png files in a folder of the scratch.
 * @throws Failure INVALID_INPUT for a file that cannot be decoded, or of what ended the program.
 */
export async function decode(sandbox: Sandbox, ctx: TaskContext, input: InputFile & { readonly path: string }, index: number): Promise<string[]> {
  const folder = path.join(ctx.scratchDir, String(index));
  await mkdir(folder);
  const limits: RunLimits = { ...LIMITS, wallMs: wallMsOf(ctx) };
  const spec = { argv: [PROGRAM, input.path, path.join(folder, 'image.png')], ro: [{ from: input.path }], rw: [{ from: folder }], limits };
  const result = await sandbox.run(spec, { signal: ctx.signal });
  assertEnded(NAME, result, limits, ctx);
  if (result.exitCode !== 0) throw refused(input, result);
  // image.png, or image-1.png and so on.
  const names = (await readdir(folder)).filter((name) => /^image(-\d+)?\.png$/.test(name)).sort((a, b) => numberOf(a) - numberOf(b));
  if (names.length === 0) throw crashed(NAME, 'produced no output', result);
  const files = names.map((name) => path.join(folder, name));
  for (const file of files) await assertProduced(NAME, file, result);
  return files;
}

const numberOf = (name: string): number => Number(/\d+/.exec(name)?.[0] ?? 0);

function refused({ filename }: InputFile, { stdout, stderr }: RunResult): Failure {
  const cause = new Error(`${stdout}${stderr}`.slice(-2000));
  if (/security limit|memory allocation|exceeds the maximum/i.test(cause.message)) return new Failure('LIMIT_EXCEEDED', `The image ${filename} is larger than can be decoded`, { cause });
  return new Failure('INVALID_INPUT', `The file ${filename} is not a readable HEIC image: it is damaged, incomplete or of another kind`, { cause });
}
