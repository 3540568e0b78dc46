import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isErrorCode } from '@millrace/contracts';
import { Failure, isFailure } from '@millrace/failures';
import type { Engine, EngineFactory, EngineResult, InputFile, LocalOutput, StoredOutput, TaskContext } from '@millrace/engine-kit';
import type { RunResult } from '@millrace/sandbox';
import type { EngineDeps } from '../deps';
import { assertEnded, assertProduced, crashed, wallMsOf } from '../outcome';
import { faultOptions, type FaultMode, type FaultOptions } from './options';

const VERSION = '1.0';
const LIMITS = { outputBytes: 256 * 1024 ** 2, openFiles: 64, processes: 16, memoryBytes: 256 * 1024 ** 2 };

/** Programs that end badly, or not at all; `$1` is a file to write. Constant texts: nothing of a task is ever put into them. */
const SCRIPTS: Partial<Record<FaultMode, string>> = {
  crash: 'kill -SEGV $$',
  hang: 'exec sleep infinity',
  ignore_sigterm: "trap '' TERM; while :; do sleep 1; done",
  nothing: 'exit 0',
  too_much: 'exec cat /dev/zero > "$1"',
};
const WRITE = 'exec head -c "$2" "$3" > "$1"';

/**
 * An engine that behaves as its options say, to show what the platform makes of it.
 * `name` lets it stand in one pool only (`fault-media`), or in several (`fault`).
 */
export function faultEngine(name: string): EngineFactory<EngineDeps> {
  return {
    name,
    async create(deps) {
      if (!deps.faultEnabled) throw new Failure('ENGINE_UNAVAILABLE', `The engine ${name} is not enabled`);
      return new FaultEngine(name, deps);
    },
  };
}

class FaultEngine implements Engine {
  readonly version = VERSION;
  readonly fetchInputs = true;

  constructor(
    readonly name: string,
    private readonly deps: EngineDeps,
  ) {}

  async run(ctx: TaskContext): Promise<EngineResult> {
    const options = faultOptions(ctx.options, ctx.attempt);
    switch (options.mode) {
      case 'noop':
        return { files: ctx.inputs.map(byReference) };
      case 'fail':
        throw new Failure(isErrorCode(options.code) ? options.code : 'INVALID_INPUT', 'The fault engine failed as it was asked to');
      case 'kill_worker':
        process.kill(process.pid, 'SIGKILL');
        return { files: [] };
      case 'garbage':
        return { files: [await this.#write(ctx, 'garbage.png', options.bytes || 1024, '/dev/urandom', 'png')] };
      case 'sleep':
        await this.#jail(ctx, ['sleep', String(options.ms / 1000)]);
        return this.#succeed(ctx, options);
      case 'progress':
        await this.#progress(ctx, options.ms);
        return this.#succeed(ctx, options);
      case 'copy':
        return this.#succeed(ctx, options);
      default:
        return this.#misbehave(ctx, SCRIPTS[options.mode]!);
    }
  }

  async #misbehave(ctx: TaskContext, script: string): Promise<EngineResult> {
    const output = path.join(ctx.outDir, 'output.bin');
    const result = await this.#jail(ctx, ['sh', '-c', script, 'sh', output]);
    await assertProduced(this.name, output, result);
    return { files: [{ path: output, filename: 'output.bin' }] };
  }

  async #progress(ctx: TaskContext, ms: number): Promise<void> {
    for (let percent = 0; percent <= 100; percent += 10) {
      ctx.progress(percent);
      if (percent === 100) return;
      await delay(ms / 10, undefined, { signal: ctx.signal }).catch(() => {
        throw isFailure(ctx.signal.reason) ? ctx.signal.reason : new Failure('CANCELLED', 'The task was stopped');
      });
    }
  }

  async #succeed(ctx: TaskContext, { bytes }: FaultOptions): Promise<EngineResult> {
    if (bytes > 0) return { files: [await this.#write(ctx, 'output.bin', bytes, '/dev/zero')] };
    const files: LocalOutput[] = [];
    for (const [index, input] of ctx.inputs.entries()) files.push(await this.#copy(ctx, input, index));
    return { files };
  }

  async #copy(ctx: TaskContext, input: InputFile, index: number): Promise<LocalOutput> {
    if (!input.path) throw new Failure('INVALID_INPUT', `The file ${input.filename} was not fetched`);
    const output = path.join(ctx.outDir, String(index));
    await this.#jail(ctx, ['cp', '--', input.path, output], [input.path]);
    return { path: output, filename: input.filename, expect: input.type };
  }

  async #write(ctx: TaskContext, filename: string, bytes: number, source: string, expect?: string): Promise<LocalOutput> {
    const output = path.join(ctx.outDir, filename);
    await assertProduced(this.name, output, await this.#jail(ctx, ['sh', '-c', WRITE, 'sh', output, String(bytes), source]));
    return { path: output, filename, expect };
  }

  async #jail(ctx: TaskContext, argv: string[], ro: string[] = []): Promise<RunResult> {
    const limits = { ...LIMITS, wallMs: wallMsOf(ctx) };
    const spec = { argv, ro: ro.map((from) => ({ from })), rw: [{ from: ctx.outDir }], limits };
    const result = await this.deps.sandbox.run(spec, { signal: ctx.signal });
    assertEnded(this.name, result, limits, ctx);
    if (result.exitCode !== 0) throw crashed(this.name, `ended with exit code ${result.exitCode}`, result);
    return result;
  }
}

function byReference({ blob, filename, size, md5, sha256, type, mime }: InputFile): StoredOutput {
  return { blob, filename, size, md5, sha256, type, mime };
}
