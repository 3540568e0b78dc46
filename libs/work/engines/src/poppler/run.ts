import { lstat } from 'node:fs/promises';
import { Failure } from '@millrace/failures';
import type { TaskContext } from '@millrace/engine-kit';
import type { Sandbox } from '@millrace/sandbox';
import { assertEnded, assertProduced, wallMsOf } from '../outcome';
import type { PageRun } from './pages';
import { OUTPUT_BYTES, PAGE_CPU_S, POPPLER_LIMITS, refusal } from './program';

/** Runs programs of poppler for one task, and holds them together to what a task may write. */
export class PopplerRuns {
  #left = OUTPUT_BYTES;

  constructor(
    private readonly sandbox: Sandbox,
    readonly ctx: TaskContext,
  ) {}

  /**
   * Runs `argv` over pages of `file`, with a share of time for each page; `outputs` are the files it has to leave in the output folder.
   * @throws Failure LIMIT_EXCEEDED, TIMEOUT, CANCELLED, INVALID_INPUT or ENGINE_CRASHED.
   */
  async run(file: string, { first, last }: PageRun, argv: readonly string[], outputs: readonly string[]): Promise<void> {
    const { ctx } = this;
    if (this.#left <= 0) throw new Failure('LIMIT_EXCEEDED', `The task wrote more than its limit of ${OUTPUT_BYTES / 1024 ** 3} GiB`);
    const limits = { ...POPPLER_LIMITS, wallMs: wallMsOf(ctx), cpuS: PAGE_CPU_S * (last - first + 1), outputBytes: this.#left };
    const result = await this.sandbox.run({ argv, ro: [{ from: file }], rw: [{ from: ctx.outDir }], limits }, { signal: ctx.signal });
    assertEnded('poppler', result, limits, ctx);
    if (result.exitCode !== 0) throw refusal(result);
    for (const output of outputs) {
      await assertProduced('poppler', output, result);
      this.#left -= (await lstat(output)).size;
    }
  }
}
