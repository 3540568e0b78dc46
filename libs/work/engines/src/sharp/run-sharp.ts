import type { TaskContext } from '@millrace/engine-kit';
import type { Bind, RunLimits, RunResult } from '@millrace/sandbox';
import type { EngineDeps } from '../deps';
import { assertEnded, assertProduced, crashed, wallMsOf } from '../outcome';
import { LIMITS, PAGE_LIMIT } from './limits';
import { packageDir } from './program';
import type { RunnerAnswer, RunnerRequest } from './request';
import { RUNNER } from './runner';
import { failureOfSharp } from './sharp-errors';

const NAME = 'sharp';

/** The runner's answer; a program taken over by its input may have printed anything. */
function answerOf(result: RunResult): RunnerAnswer {
  try {
    const answer = JSON.parse(result.stdout) as RunnerAnswer;
    if (answer.ok ? Number.isInteger(answer.files) && answer.files >= 1 && answer.files <= PAGE_LIMIT : typeof answer.error === 'string') return answer;
  } catch {
    // Told below, like any other answer that is none.
  }
  throw crashed(NAME, 'gave no answer', result);
}

/**
 * Runs the runner on one file in a jail of its own.
 * @returns the paths that it wrote, one per page.
 * @throws Failure of what ended it, or of what sharp said about the file.
 */
export async function runSharp(deps: EngineDeps, program: readonly Bind[], ctx: TaskContext, asked: Omit<RunnerRequest, 'sharp' | 'timeoutS'>): Promise<string[]> {
  const limits: RunLimits = { ...LIMITS, wallMs: wallMsOf(ctx) };
  // sharp's own timeout takes whole seconds, an hour at most; it ends before ours where it can, with a better message.
  const request: RunnerRequest = { ...asked, sharp: packageDir(deps), timeoutS: Math.min(3600, Math.max(1, Math.floor(limits.wallMs / 1000))) };
  const result = await deps.sandbox.run(
    {
      argv: [deps.nodePath, '--max-old-space-size=256', '-e', RUNNER],
      env: { VIPS_BLOCK_UNTRUSTED: '1' },
      stdin: JSON.stringify(request),
      // The one file, not its folder: an SVG can draw what lies beside it.
      ro: [...program, { from: asked.input }],
      rw: [{ from: ctx.outDir }],
      limits,
    },
    { signal: ctx.signal },
  );
  assertEnded(NAME, result, limits, ctx);
  if (result.exitCode !== 0) throw crashed(NAME, `ended with exit code ${result.exitCode}`, result);
  const answer = answerOf(result);
  if (!answer.ok) throw failureOfSharp(answer.error);
  const files = Array.from({ length: answer.files }, (_, page) => asked.output.join(String(page)));
  for (const file of files) await assertProduced(NAME, file, result);
  return files;
}
