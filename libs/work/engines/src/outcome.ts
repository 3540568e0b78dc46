import { lstat } from 'node:fs/promises';
import { Failure, isFailure } from '@millrace/failures';
import type { TaskContext } from '@millrace/engine-kit';
import type { ExceededLimit, RunLimits, RunResult } from '@millrace/sandbox';

const mebibytes = (bytes: number) => `${Math.round(bytes / 1_048_576)} MiB`;

function exceeded(limit: ExceededLimit, limits: RunLimits): Failure {
  switch (limit) {
    case 'time':
      return new Failure('TIMEOUT', `The task did not end within its time limit of ${Math.ceil(limits.wallMs / 1000)} seconds`);
    case 'cpu':
      return new Failure('TIMEOUT', `The task used more than its limit of ${limits.cpuS} seconds of processor time`);
    case 'memory':
      return new Failure('LIMIT_EXCEEDED', `The task needed more than its limit of ${mebibytes(limits.memoryBytes)} of memory`);
    case 'output':
      return new Failure('LIMIT_EXCEEDED', `The task wrote more than its limit of ${mebibytes(limits.outputBytes)} of output`);
    case 'processes':
      return new Failure('LIMIT_EXCEEDED', `The task started more than its limit of ${limits.processes} processes`);
  }
}

/** Milliseconds until the task's deadline, at least one. */
export function wallMsOf(ctx: TaskContext): number {
  return Math.max(1, ctx.deadline.getTime() - Date.now());
}

/**
 * Throws what ended a run that was stopped, went over a limit or crashed; returns for one that ended by itself, with any exit code.
 * @throws Failure the signal's reason (CANCELLED when it is no Failure), TIMEOUT, LIMIT_EXCEEDED or ENGINE_CRASHED.
 */
export function assertEnded(engine: string, result: RunResult, limits: RunLimits, ctx: TaskContext): void {
  if (ctx.signal.aborted) throw isFailure(ctx.signal.reason) ? ctx.signal.reason : new Failure('CANCELLED', 'The task was stopped');
  if (result.limit) throw exceeded(result.limit, limits);
  if (result.signal !== null) throw crashed(engine, `was ended by ${result.signal}`, result);
}

/** ENGINE_CRASHED, with what the program printed as its cause. */
export function crashed(engine: string, how: string, result: RunResult): Failure {
  return new Failure('ENGINE_CRASHED', `The engine ${engine} ${how}`, { cause: new Error(result.stderr.slice(-2000)) });
}

/**
 * Exit codes lie, so a success must also leave its file.
 * @throws Failure ENGINE_CRASHED when `path` is no regular file or holds nothing.
 */
export async function assertProduced(engine: string, path: string, result: RunResult): Promise<void> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!found?.isFile() || found.size === 0) throw crashed(engine, 'produced no output', result);
}
