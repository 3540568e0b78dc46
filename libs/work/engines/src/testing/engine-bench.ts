import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Engine, type EngineFactory, type EngineResult, fakeContext, type FakeContext, isLocalOutput, type TaskContext } from '@millrace/engine-kit';
import { createSandbox } from '@millrace/sandbox';
import type { EngineDeps } from '../deps';

/** A file to give to an engine; its type is what content shows, undefined for nothing. */
export interface BenchInput {
  readonly bytes: Buffer;
  readonly type: string | undefined;
  readonly filename?: string;
}

/** What a run on the bench gave. */
export interface BenchResult extends EngineResult {
  /** The outputs that lie on disk, in order. */
  readonly outputs: readonly { readonly filename: string; readonly expect?: string; readonly bytes: Buffer }[];
  readonly ctx: FakeContext;
}

const MODULES = path.join(__dirname, '../../../../../node_modules');

/** An engine in the real jail, and a folder per test that its runs share. For tests of engines. */
export class EngineBench {
  #engine: Engine | undefined;
  #dir = '';

  constructor(private readonly factory: EngineFactory<EngineDeps>) {}

  async start(): Promise<void> {
    const sandbox = await createSandbox({ mode: 'bwrap' });
    this.#engine = await this.factory.create({ sandbox, faultEnabled: false, nodePath: process.execPath, modulesDir: MODULES });
  }

  open(): void {
    this.#dir = mkdtempSync(path.join(os.tmpdir(), 'bench-'));
  }

  close(): void {
    rmSync(this.#dir, { recursive: true });
  }

  get engine(): Engine {
    return this.#engine!;
  }

  /** The folder of this test. */
  get dir(): string {
    return this.#dir;
  }

  /** Runs the engine in fresh folders, over inputs that lie as the runtime lays them: each alone, under a name of ours. */
  async run(inputs: readonly BenchInput[], options: Record<string, unknown>, more: Partial<TaskContext> = {}): Promise<BenchResult> {
    const root = mkdtempSync(path.join(this.#dir, 'run-'));
    const [inDir, outDir, scratchDir] = ['in', 'out', 'scratch'].map((name) => path.join(root, name)) as [string, string, string];
    for (const folder of [inDir, outDir, scratchDir]) mkdirSync(folder);
    const laid = inputs.map(({ bytes, type, filename = `photo.orig.${type}` }, index) => {
      const file = path.join(inDir, String(index), `input.${type ?? 'bin'}`);
      mkdirSync(path.dirname(file));
      writeFileSync(file, bytes);
      return { blob: `blob-${index}`, path: file, filename, size: bytes.length, type, mime: 'x/y', md5: `md5-${index}`, sha256: `sha256-${index}`, task: `t${index}` };
    });
    const ctx = fakeContext({ inputs: laid, options, inDir, outDir, scratchDir, ...more });
    const result = await this.engine.run(ctx);
    const outputs = result.files.filter(isLocalOutput).map(({ path: file, ...rest }) => {
      if (path.dirname(file) !== outDir) throw new Error(`${file} lies outside ${outDir}`);
      return { ...rest, bytes: readFileSync(file) };
    });
    return { ...result, outputs, ctx };
  }
}
