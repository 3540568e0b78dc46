import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '@millrace/failures';
import type { Engine, EngineFactory, EngineResult, TaskContext } from '@millrace/engine-kit';
import type { RunLimits, RunResult } from '@millrace/sandbox';
import type { EngineDeps } from '../deps';
import { assertEnded, crashed, wallMsOf } from '../outcome';
import { programVersion } from '../program-version';
import { factsOf } from './facts';

const NAME = 'exiftool';
const PROGRAM = '/usr/bin/exiftool';
const LIMITS = { cpuS: 120, outputBytes: 64 * 1024 ** 2, outputFiles: 10, openFiles: 64, processes: 8, memoryBytes: 512 * 1024 ** 2 };

const version = ({ sandbox }: EngineDeps) => programVersion(sandbox, NAME, [PROGRAM, '-config', '', '-ver'], /^([\d.]+)\s*$/);

/** Reads the metadata of a file; writes none. */
export const exiftoolEngine: EngineFactory<EngineDeps> = {
  name: NAME,
  version,
  async create(deps) {
    return new ExiftoolEngine(await version(deps), deps);
  },
};

class ExiftoolEngine implements Engine {
  readonly name = NAME;
  readonly fetchInputs = true;

  constructor(
    readonly version: string,
    private readonly deps: EngineDeps,
  ) {}

  async run(ctx: TaskContext): Promise<EngineResult> {
    if (ctx.operation !== 'metadata') throw new Failure('INVALID_INPUT', `The engine exiftool has no operation ${ctx.operation}`);
    const [input] = ctx.inputs;
    if (!input?.path || ctx.inputs.length > 1) throw new Failure('INVALID_INPUT', `The operation metadata takes one input file, not ${ctx.inputs.length}`);
    const record = await this.#read(ctx, input.path);
    if (record['Error'] !== undefined) throw new Failure('INVALID_INPUT', `No metadata can be read from ${input.filename}: ${String(record['Error'])}`);
    const { facts, omitted } = factsOf(record);
    ctx.progress(100);
    return { files: [], metadata: facts, ...(omitted > 0 && { message: `The metadata is too large to be shown whole: ${omitted} values were left out` }) };
  }

  async #read(ctx: TaskContext, file: string): Promise<Record<string, unknown>> {
    const limits: RunLimits = { ...LIMITS, wallMs: wallMsOf(ctx) };
    const result = await this.deps.sandbox.run(
      {
        // -config must come first, and an empty one keeps the program from looking for a script to run. The path is absolute, so that it
        // is no option, and of our making; -w takes % as the beginning of a code.
        argv: [PROGRAM, '-config', '', '-json', '-api', 'LargeFileSupport=1', '-w', `${ctx.scratchDir.replaceAll('%', '%%')}/%f.json`, file],
        ro: [{ from: file }],
        rw: [{ from: ctx.scratchDir }],
        limits,
      },
      { signal: ctx.signal },
    );
    assertEnded(NAME, result, limits, ctx);
    // 1 is what it answers for a file that it does not know, and says so in its answer.
    if (result.exitCode !== 0 && result.exitCode !== 1) throw crashed(NAME, `ended with exit code ${result.exitCode}`, result);
    return recordOf(await readFile(path.join(ctx.scratchDir, `${path.parse(file).name}.json`), 'utf8').catch(absent), result);
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}

/** The one object of exiftool's answer. */
function recordOf(text: string | undefined, result: RunResult): Record<string, unknown> {
  try {
    const [record] = JSON.parse(text ?? '') as unknown[];
    if (typeof record === 'object' && record !== null) return record as Record<string, unknown>;
  } catch {
    // Told below, like any other answer that is none.
  }
  throw crashed(NAME, 'gave no answer', result);
}
