import { mkdir, mkdtemp, open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Engine, fakeContext, type InputFile, isLocalOutput } from '@millrace/engine-kit';
import { sniff, SNIFF_BYTES } from '@millrace/file-types';

const DEADLINE_MS = 120_000;

async function inputOf(file: string, name: string): Promise<InputFile> {
  const handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(SNIFF_BYTES), 0, SNIFF_BYTES, 0).finally(() => handle.close());
  const type = sniff(buffer.subarray(0, bytesRead))?.ext;
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
  return first.path;
}
