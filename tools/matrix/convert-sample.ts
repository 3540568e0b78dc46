import { mkdir, mkdtemp, open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Engine, fakeContext, type InputFile, isLocalOutput } from '@millrace/engine-kit';
import { extOf, sniff, SNIFF_BYTES } from '@millrace/file-types';

const DEADLINE_MS = 120_000;

/** The type of a file by its first bytes. */
export async function typeOf(file: string): Promise<string | undefined> {
  const handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(SNIFF_BYTES), 0, SNIFF_BYTES, 0).finally(() => handle.close());
  return sniff(buffer.subarray(0, bytesRead))?.ext;
}

async function inputOf(file: string, name: string): Promise<InputFile> {
  const type = await typeOf(file);
  return { blob: 'sample/run/0', path: file, filename: name, size: (await stat(file)).size, ...(type !== undefined && { type }), task: 'sample' };
}

/** Converts a sample with one engine, as a worker would; answers what it made. `folder` is the caller's to remove. */
export async function convertSample(engine: Engine, sample: string, to: string, folder: string): Promise<string> {
  const run = await mkdtemp(path.join(folder, 'run-'));
  const [inDir, outDir, scratchDir] = ['in', 'out', 'scratch'].map((name) => path.join(run, name)) as [string, string, string];
  for (const dir of [inDir, outDir, scratchDir]) await mkdir(dir);
  const deadline = new Date(Date.now() + DEADLINE_MS);
  const inputs = [await inputOf(sample, path.basename(sample))];
  const { files } = await engine.run(fakeContext({ account: 'matrix', options: { output_format: to }, inputs, inDir, outDir, scratchDir, deadline }));
  await rm(inDir, { recursive: true });
  const [first] = files;
  if (!first || !isLocalOutput(first)) throw new Error('it made no file');
  // As the runtime does before it stores an output.
  const type = await typeOf(first.path);
  if (first.expect !== undefined && type !== extOf(`x.${first.expect}`)) throw new Error(`it promised ${first.expect} and made ${type ?? 'something else'}`);
  return first.path;
}
