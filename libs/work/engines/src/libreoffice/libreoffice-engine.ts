import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Failure } from '@millrace/failures';
import type { Engine, EngineFactory, EngineResult, InputFile, LocalOutput, StoredOutput, TaskContext } from '@millrace/engine-kit';
import type { EngineDeps } from '../deps';
import { outputName } from '../output-name';
import { withCompoundType } from './compound-type';
import { documentType, readableType } from './document-type';
import { findInstallation } from './installation';
import { Launcher } from './launcher';
import type { OfficeWorker, Wear } from './office-worker';
import { officeOptions, type OfficeOptions } from './options';
import { failureOfRefusal } from './refusals';
import { requestFor } from './request';
import { WorkerPool } from './worker-pool';

const NAME = 'libreoffice';
/** A larger document takes longer to load than its task has time. */
const MAX_INPUT_BYTES = 512 * 1024 ** 2;

export interface OfficeSettings extends Wear {
  /** How long a worker stays loaded for an account that has no document, ms. */
  readonly idleMs?: number;
}

/** Converts office documents in workers that stay loaded, each in a jail of its own and for one account only. */
export const officeEngine = (settings: OfficeSettings = {}): EngineFactory<EngineDeps> => ({
  name: NAME,
  version: async ({ sandbox }) => (await findInstallation(sandbox)).version,
  async create(deps) {
    const installation = await findInstallation(deps.sandbox);
    const launcher = new Launcher(deps, installation, settings);
    // Starts loading the first spare, and waits for nothing: a document that comes earlier waits for it.
    const pool = new WorkerPool({ size: deps.slots ?? availableParallelism(), launch: () => launcher.launch(), log: deps.log, idleMs: settings.idleMs });
    return new LibreOfficeEngine(installation.version, launcher, pool);
  },
});

export const libreofficeEngine = officeEngine();

class LibreOfficeEngine implements Engine {
  readonly name = NAME;
  readonly fetchInputs = true;

  constructor(
    readonly version: string,
    private readonly launcher: Launcher,
    private readonly pool: WorkerPool,
  ) {}

  async run(ctx: TaskContext): Promise<EngineResult> {
    if (ctx.operation !== 'convert') throw new Failure('INVALID_INPUT', `The engine libreoffice has no operation ${ctx.operation}`);
    if (ctx.inputs.length === 0) throw new Failure('INVALID_INPUT', 'The task has no input file');
    const options = officeOptions(ctx.options);
    const files: (LocalOutput | StoredOutput)[] = [];
    for (const [index, input] of ctx.inputs.entries()) {
      files.push(...(options.pass_others && !concerns(input, options) ? [passed(input)] : await this.#convert(ctx, input, index, options, files.length)));
      ctx.progress(Math.round(((index + 1) / ctx.inputs.length) * 100));
    }
    return { files };
  }

  async close(): Promise<void> {
    await this.pool.close();
    await this.launcher.close();
  }

  async #convert(ctx: TaskContext, input: InputFile, index: number, options: OfficeOptions, before: number): Promise<LocalOutput[]> {
    if (input.size === 0) throw new Failure('INVALID_INPUT', `The file ${input.filename} is empty`);
    if (input.size > MAX_INPUT_BYTES) throw new Failure('LIMIT_EXCEEDED', `The file ${input.filename} is larger than the limit of ${MAX_INPUT_BYTES / 1024 ** 2} MiB for documents`);
    const type = readableType(await withCompoundType(input), options.input_format ?? undefined);
    const request = requestFor(type, options);
    const worker = await this.pool.acquire(ctx.account, ctx.attempt > 1 && index === 0);
    try {
      const format = options.output_format;
      const paths = { input: await worker.folder.takeIn(input.path!, `${path.parse(input.filename).name || 'document'}.${type}`), output: worker.folder.outputFor(`${index}.${format}`) };
      const answer = await worker.convert({ ...request, ...paths }, ctx);
      if (!answer.ok) throw failureOfRefusal(answer, input.filename, type, options);
      return await collected(worker, answer.files, ctx, input, format, before);
    } finally {
      await worker.folder.wipe();
      if (worker.process.running) await worker.process.resetOutput();
      this.pool.release(worker);
    }
  }
}

/** True for a file that a step of a route has to convert. */
function concerns(input: InputFile, options: OfficeOptions): boolean {
  const type = documentType(input);
  return type !== undefined && type !== options.output_format;
}

const passed = ({ path: _path, task: _task, ...stored }: InputFile): StoredOutput => stored;

/** Moves the outputs to the task's folder and names them. */
async function collected(
  worker: OfficeWorker,
  made: readonly { name: string; sheet?: string }[],
  ctx: TaskContext,
  input: InputFile,
  format: string,
  before: number,
): Promise<LocalOutput[]> {
  const files: LocalOutput[] = [];
  for (const [index, { name, sheet }] of made.entries()) {
    const target = path.join(ctx.outDir, name);
    await worker.folder.moveOut(name, target);
    const several = made.length > 1 && sheet !== undefined;
    const titled = several ? { filename: `${path.parse(input.filename).name}-${sheet}.${format}` } : input;
    files.push({ path: target, filename: outputName(ctx, titled, format, before + index), expect: EXPECTED.get(format) });
  }
  return files;
}

/** What the content of an output shows itself to be; text formats show nothing. */
const EXPECTED: ReadonlyMap<string, string> = new Map(['pdf', 'docx', 'odt', 'rtf', 'xlsx', 'ods', 'pptx', 'odp'].map((format) => [format, format]));
