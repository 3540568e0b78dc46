import { mkdir, mkdtemp, open, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Engine, fakeContext, type InputFile, isLocalOutput } from '@millrace/engine-kit';
import { extOf, sniff, SNIFF_BYTES } from '@millrace/file-types';

const DEADLINE_MS = 120_000;

/** One engine's part of a conversion. */
export interface Leg {
  readonly engine: Engine;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The type of a file by its first bytes. */
export async function typeOf(file: string): Promise<string | undefined> {
  const handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(SNIFF_BYTES), 0, SNIFF_BYTES, 0).finally(() => handle.close());
  return sniff(buffer.subarray(0, bytesRead))?.ext;
}

async function inputOf(file: string, filename: string): Promise<InputFile> {
  const type = await typeOf(file);
  return { blob: 'sample/run/0', path: file, filename, size: (await stat(file)).size, ...(type !== undefined && { type }), task: 'sample' };
}

async function runLeg({ engine, options }: Leg, input: InputFile, folder: string): Promise<InputFile> {
  const run = await mkdtemp(path.join(folder, 'run-'));
  const [inDir, outDir, scratchDir] = ['in', 'out', 'scratch'].map((name) => path.join(run, name)) as [string, string, string];
  for (const dir of [inDir, outDir, scratchDir]) await mkdir(dir);
  const { files } = await engine.run(fakeContext({ account: 'matrix', options, inputs: [input], inDir, outDir, scratchDir, deadline: new Date(Date.now() + DEADLINE_MS) }));
  const [first] = files;
  if (!first || !isLocalOutput(first)) throw new Error(`${engine.name} made no file`);
  // As the runtime does before it stores an output.
  const type = await typeOf(first.path);
  if (first.expect !== undefined && type !== extOf(`x.${first.expect}`)) throw new Error(`${engine.name} promised ${first.expect} and made ${type ?? 'something else'}`);
  return inputOf(first.path, first.filename);
}

/** Converts a sample as workers would, one leg after the other; answers what came of it. `folder` is the caller's to remove. */
export async function convertSample(legs: readonly Leg[], sample: string, folder: string): Promise<string> {
  let input = await inputOf(sample, path.basename(sample));
  for (const leg of legs) input = await runLeg(leg, input, folder);
  return input.path!;
}
