import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '@millrace/failures';
import type { Engine, EngineFactory, LocalOutput, TaskContext } from '@millrace/engine-kit';
import type { RunLimits } from '@millrace/sandbox';
import type { EngineDeps } from '../deps';
import { assertEnded, assertProduced, crashed, wallMsOf } from '../outcome';
import { outputName } from '../output-name';
import { programVersion } from '../program-version';
import { fileList } from './file-list';
import { ARCHIVE_FORMATS } from './formats';

const NAME = 'archivetool';
const PROGRAM = '/usr/bin/bsdtar';
const LIMITS = { outputFiles: 100, openFiles: 256, processes: 32, memoryBytes: 1024 ** 3 };
/** Bytes an archive may need beyond its files: heads of entries, and what cannot be compressed. */
const OVERHEAD_BYTES = 64 * 1024 ** 2;

const version = ({ sandbox }: EngineDeps) => programVersion(sandbox, NAME, [PROGRAM, '--version'], /bsdtar ([\d.]+)/);

/** Packs files into one archive with bsdtar (libarchive). It opens no archive of a customer. */
export const archivetoolEngine: EngineFactory<EngineDeps> = {
  name: NAME,
  version,
  async create(deps) {
    return new ArchivetoolEngine(await version(deps), deps);
  },
};

class ArchivetoolEngine implements Engine {
  readonly name = NAME;
  readonly fetchInputs = true;

  constructor(
    readonly version: string,
    private readonly deps: EngineDeps,
  ) {}

  async run(ctx: TaskContext): Promise<{ files: LocalOutput[] }> {
    if (ctx.operation !== 'archive') throw new Failure('INVALID_INPUT', `The engine archivetool has no operation ${ctx.operation}`);
    if (ctx.inputs.length === 0) throw new Failure('INVALID_INPUT', 'The task has no input file');
    const ending = String(ctx.options['output_format']).toLowerCase();
    const format = ARCHIVE_FORMATS.get(ending);
    if (!format) throw new Failure('INVALID_INPUT', `The output_format must be one of ${[...ARCHIVE_FORMATS.keys()].join(', ')}`);

    const list = path.join(ctx.scratchDir, 'files.mtree');
    await writeFile(list, fileList(ctx.inputs), { flag: 'wx' });
    const output = path.join(ctx.outDir, `archive.${format.type}`);
    const limits = this.#limits(ctx);
    const result = await this.deps.sandbox.run(
      {
        argv: [PROGRAM, ...format.arguments, '-cf', output, `@${list}`],
        // The 7z writer keeps its entries in a temporary file first.
        env: { TMPDIR: ctx.scratchDir },
        ro: [{ from: ctx.inDir }],
        rw: [{ from: ctx.outDir }, { from: ctx.scratchDir }],
        limits,
      },
      { signal: ctx.signal },
    );
    assertEnded(NAME, result, limits, ctx);
    // Also a warning is an entry that is missing or cut.
    if (result.exitCode !== 0) throw crashed(NAME, `ended with exit code ${result.exitCode}`, result);
    await assertProduced(NAME, output, result);
    ctx.progress(100);
    const source = ctx.inputs.length === 1 ? ctx.inputs[0]! : { filename: 'archive' };
    return { files: [{ path: output, filename: outputName(ctx, source, ending), expect: format.type }] };
  }

  #limits(ctx: TaskContext): RunLimits {
    const bytes = ctx.inputs.reduce((sum, { size }) => sum + size, 0);
    return { ...LIMITS, wallMs: wallMsOf(ctx), outputBytes: 2 * bytes + OVERHEAD_BYTES };
  }
}
