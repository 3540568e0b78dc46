import { z } from 'zod';
import { type ClaimAnswer, claimInput, type ClaimInput, type FileRef, FILES_PER_MESSAGE, type Invitation, type ReportOutcome } from '@millrace/contracts';
import { type Engine, type EngineResult, type InputFile, isLocalOutput, type TaskContext } from '@millrace/engine-kit';
import { Failure, failureOf, isFailure } from '@millrace/failures';
import { inSpan } from '@millrace/telemetry';
import type { Clock, Log, RunFiles, RunFolders } from './ports';

export type Go = Extract<ClaimAnswer, { verdict: 'go' }>;

const inputList = z.array(claimInput);

/** Why a run was stopped from outside. */
export type StopReason = 'unwanted' | 'deadline' | 'shutdown';

/** One claimed run: inputs in, engine, outputs out. Never throws: what went wrong is its outcome. */
export class TaskRun {
  private stored = 0;

  constructor(
    private readonly invitation: Invitation,
    private readonly run: string,
    private readonly go: Go,
    private readonly engine: Engine,
    private readonly files: RunFiles,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly progress: (percent: number) => void,
  ) {}

  async perform(signal: AbortSignal): Promise<ReportOutcome> {
    let folders: RunFolders | undefined;
    try {
      signal.throwIfAborted();
      folders = await this.files.open(this.invitation.task, this.run);
      const context = await this.context(folders, signal);
      // Stopped while its inputs came: no engine is started.
      signal.throwIfAborted();
      const result = await inSpan('engine.run', { attributes: { 'millrace.engine.name': this.engine.name } }, () => this.engine.run(context)).catch(engineFault);
      signal.throwIfAborted();
      return await this.finished(result);
    } catch (error) {
      return this.failed(error, signal);
    } finally {
      if (folders) await this.files.close(folders).catch((error: unknown) => this.log.error({ err: error }, 'the folder of a run could not be removed'));
    }
  }

  private async context(folders: RunFolders, signal: AbortSignal): Promise<TaskContext> {
    const { invitation, go, run } = this;
    const inputs = go.manifest ? inputList.parse(await this.files.readList(go.manifest)) : (go.inputs ?? []);
    const local: InputFile[] = [];
    for (const [index, input] of inputs.entries()) {
      signal.throwIfAborted();
      local.push({ ...asInput(input), ...(this.engine.fetchInputs && { path: await this.files.fetch(input, index, folders) }) });
    }
    return {
      taskId: invitation.task,
      jobId: go.job,
      runId: run,
      attempt: invitation.attempt,
      step: invitation.step,
      account: String(go.account),
      operation: go.operation,
      options: go.options,
      inputs: local,
      ...folders,
      signal,
      deadline: new Date(this.clock.now() + go.remainingMs),
      log: this.log,
      progress: this.progress,
      put: async (filename, source, options = {}) => {
        const { name, ...file } = await this.files.put(invitation.task, run, filename, source, this.stored++, { ...options, signal });
        return { ...file, filename: name };
      },
    };
  }

  private async finished(result: EngineResult): Promise<ReportOutcome> {
    const refs: FileRef[] = [];
    for (const file of result.files) {
      if (isLocalOutput(file)) refs.push(await this.files.store(this.invitation.task, this.run, file, this.stored++));
      else {
        const { filename, ...rest } = file;
        refs.push({ ...rest, name: filename });
      }
    }
    const facts = { message: result.message ?? null, metadata: result.metadata ?? null, output: result.output ?? null };
    if (refs.length <= FILES_PER_MESSAGE) return { status: 'finished', files: refs, ...facts };
    const manifest = `${this.invitation.task}/${this.run}/.outputs.json`;
    await this.files.writeList(manifest, refs);
    return { status: 'finished', manifest, ...facts };
  }

  private failed(error: unknown, signal: AbortSignal): ReportOutcome {
    const reason = signal.aborted ? (signal.reason as StopReason) : undefined;
    const failure =
      reason === 'deadline'
        ? new Failure('TIMEOUT', 'The task did not finish in time', { cause: error })
        : reason === 'shutdown'
          ? new Failure('WORKER_LOST', 'The worker was shut down', { cause: error })
          : failureOf(error);
    this.log.warn({ err: error, code: failure.code, reason }, 'the run failed');
    return { status: 'failed', code: failure.code, message: failure.publicMessage.slice(0, 2000) };
  }
}

const asInput = ({ name, ...file }: ClaimInput): InputFile => ({ ...file, filename: name });

/** Whatever an engine throws that is no Failure is its own fault: two retries, not twenty. */
function engineFault(error: unknown): never {
  throw isFailure(error) ? error : new Failure('ENGINE_CRASHED', 'The engine failed unexpectedly', { cause: error });
}
