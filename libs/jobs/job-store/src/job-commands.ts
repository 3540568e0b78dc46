import { randomUUID } from 'node:crypto';
import type { FileRef } from '@millrace/contracts';
import { Failure } from '@millrace/failures';
import type { CreateJob, ForeignOutcome, JobDefinition, TaskPlan } from '@millrace/job-domain';
import type { CommandHandler, Executed } from './command-handler';
import type { Commit } from './job-log';
import type { OrchestrationStore } from './orchestration-store';

/** What a creation brings besides its tasks. */
export interface Creation extends Omit<JobDefinition, 'retryOfJob' | 'trace'>, Partial<Pick<JobDefinition, 'retryOfJob' | 'trace'>> {
  /** Chosen once by the caller; for a standalone task the id of the task itself. */
  readonly id: string;
  readonly tasks: readonly TaskPlan[];
  /** The job's sealing key, wrapped under the master key; none when nothing is sealed. */
  readonly wrappedKey?: string;
  readonly idempotency?: NonNullable<Commit['idempotency']>;
}

/** The commands of the API, each idempotent under its input id. */
export class JobCommands {
  constructor(
    private readonly handler: CommandHandler,
    private readonly store: Pick<OrchestrationStore, 'taskOutcome'>,
  ) {}

  /**
   * Appends a new job or standalone task. Inputs outside the job are looked up in the try that appends,
   * so that one which ends meanwhile is not waited for.
   * Throws INVALID_DATA for a graph that cannot run or an input that is not the account's.
   */
  create(creation: Creation): Promise<Executed> {
    const { id, wrappedKey, idempotency, tasks, retryOfJob = null, trace = null, ...rest } = creation;
    const own = new Set(tasks.map((task) => task.id));
    const foreign = [...new Set(tasks.flatMap((task) => task.inputs).filter((input) => !own.has(input)))];
    return this.handler.execute({
      stream: id,
      inputId: `create:${id}`,
      command: async (now): Promise<CreateJob> => ({ type: 'CreateJob', now, ...rest, retryOfJob, trace, tasks, foreign: await this.outcomes(foreign, rest.account) }),
      ...(wrappedKey && { wrappedKey }),
      ...(idempotency && { idempotency }),
    });
  }

  private outcomes(tasks: readonly string[], account: number): Promise<ForeignOutcome[]> {
    return Promise.all(
      tasks.map(async (task) => {
        const found = await this.store.taskOutcome(task);
        if (found?.account !== account) throw new Failure('INVALID_DATA', 'The given data was invalid.', { errors: { input: ['Invalid input task.'] } });
        return { task, outcome: found.outcome, files: found.files };
      }),
    );
  }

  /** Throws CONFLICT when another upload was first, GONE when the task no longer waits. The loser removes its blob. */
  uploaded(stream: string, task: string, run: string, files: readonly FileRef[]): Promise<Executed> {
    return this.handler.execute({ stream, inputId: `upload:${run}`, command: (now) => ({ type: 'UploadReceived', now, task, run, files }) });
  }

  cancelTask(stream: string, task: string): Promise<Executed> {
    return this.handler.execute({ stream, inputId: `cancel:${task}:${randomUUID()}`, command: (now) => ({ type: 'CancelTask', now, task }) });
  }

  deleteTask(stream: string, task: string): Promise<Executed> {
    return this.handler.execute({ stream, inputId: `delete:${task}:${randomUUID()}`, command: (now) => ({ type: 'DeleteTask', now, task }) });
  }

  deleteJob(stream: string): Promise<Executed> {
    return this.handler.execute({ stream, inputId: `delete:${stream}:${randomUUID()}`, command: (now) => ({ type: 'DeleteJob', now }) });
  }
}
