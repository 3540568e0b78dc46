import { type BeatAnswer, type BeatRequest, type ClaimAnswer, type ClaimRequest, FILES_PER_MESSAGE } from '@millrace/contracts';
import { inputFilesOf, isCurrent, type JobState, taskOf } from '@millrace/job-domain';
import type { CommandHandler, OrchestrationStore } from '@millrace/job-store';
import type { Manifests, OpenOptions, TellProgress } from './ports';

/** Answers claims and beats. Any number of these work side by side: the append arbitrates. */
export class ClaimDesk {
  constructor(
    private readonly handler: CommandHandler,
    private readonly store: Pick<OrchestrationStore, 'beat' | 'wrappedKey'>,
    private readonly manifests: Manifests,
    private readonly openOptions: OpenOptions,
    private readonly tellProgress: TellProgress = () => undefined,
  ) {}

  /** `go` for the run that the log names as current, however often it asks; `gone` for every other. */
  async claim(request: ClaimRequest): Promise<ClaimAnswer> {
    const { stream, task, step, attempt, losses, run, worker, engineVersion } = request;
    const executed = await this.handler.execute({
      stream,
      inputId: `claim:${run}`,
      command: (now) => ({ type: 'ClaimTask', now, task, step, attempt, losses, run, worker, engineVersion }),
    });
    if (!isCurrent(executed.state, task, run)) return { verdict: 'gone' };
    return this.go(executed.state!, request, executed.now);
  }

  private async go(job: JobState, { task: id, run }: ClaimRequest, now: string): Promise<ClaimAnswer> {
    const task = taskOf(job, id);
    const inputs = inputFilesOf(job, task);
    const { operation = task.operation, set } = task.steps[task.step]!;
    const given = this.openOptions(task.options, await this.store.wrappedKey(job.id), id);
    // Null takes an option away: it was meant for another step.
    const options = Object.fromEntries(Object.entries({ ...given, ...set }).filter(([name, value]) => value !== null || !Object.hasOwn(set ?? {}, name)));
    const manifest = inputs.length > FILES_PER_MESSAGE ? `${id}/${run}/.inputs.json` : undefined;
    if (manifest) await this.manifests.write(manifest, inputs);
    const deadline = Date.parse(task.deadline!);
    return {
      verdict: 'go',
      job: job.kind === 'job' ? job.id : null,
      account: job.account,
      operation,
      options,
      ...(manifest ? { manifest } : { inputs }),
      deadline,
      remainingMs: Math.max(0, deadline - Date.parse(now)),
      lastStep: task.step + 1 >= task.steps.length,
    };
  }

  /** `stop` once the run's lease row is gone: cancelled, deleted, lost or past its deadline. */
  async beat({ stream, task, run, percent }: BeatRequest): Promise<BeatAnswer> {
    const account = await this.store.beat({ stream, task, run, percent }, this.handler.rules.leaseMs);
    if (account === undefined) return { verdict: 'stop' };
    if (percent !== undefined) this.tellProgress(account, stream, { task, percent });
    return { verdict: 'continue' };
  }
}
