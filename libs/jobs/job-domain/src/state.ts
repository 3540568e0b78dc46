import type { ErrorCode, FileRef, StepPlan } from '@millrace/contracts';

/**
 * Where a task stands. `waiting`: for its inputs; `uploading`: for the customer's bytes; `queued`: for a worker;
 * `running`: claimed by one run. The last three are ends.
 */
export type TaskPhase = 'waiting' | 'uploading' | 'queued' | 'running' | 'finished' | 'failed' | 'cancelled';

/** What a task is to do, fixed when it was made. */
export interface TaskDefinition {
  readonly id: string;
  readonly name: string | null;
  readonly operation: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Empty for tasks that no worker does: uploads, and content that came inside the request. */
  readonly steps: readonly StepPlan[];
  /** Ids of the tasks whose files it takes, in order; those not of this stream are in `JobState.foreign`. */
  readonly inputs: readonly string[];
  readonly ignoreError: boolean;
  readonly timeoutMs: number;
  readonly retryOf: string | null;
}

/** Whose a job is and how it is to be treated, fixed when it was made. */
export interface JobDefinition {
  readonly kind: 'job' | 'task';
  readonly account: number;
  readonly apiKey: string | null;
  readonly tag: string | null;
  readonly webhookUrl: string | null;
  readonly region: string;
  readonly priority: number;
  readonly retryOfJob: string | null;
  /** W3C traceparent of the creating request. */
  readonly trace: string | null;
}

/** One task as the fold of its events. Times are ISO strings of database time. */
export interface TaskState extends TaskDefinition {
  readonly phase: TaskPhase;
  readonly deleted: boolean;
  readonly step: number;
  readonly attempt: number;
  readonly losses: number;
  readonly run: string | null;
  readonly worker: string | null;
  readonly engine: string | null;
  readonly engineVersion: string | null;
  readonly queuedAt: string | null;
  readonly notBefore: string | null;
  readonly leaseUntil: string | null;
  readonly deadline: string | null;
  readonly uploadUntil: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly code: ErrorCode | null;
  readonly message: string | null;
  readonly metadata: Readonly<Record<string, string | number | boolean | null>> | null;
  readonly output: string | null;
  /** Files of the step that was reported last; of a finished task, its result. */
  readonly files: readonly FileRef[];
  /** Files that FilesStored events of the current command have brought so far. */
  readonly arriving: readonly FileRef[];
}

/** A task of another stream that tasks of this one take files from. */
export interface ForeignInput {
  readonly outcome: 'pending' | 'finished' | 'failed';
  readonly files: readonly FileRef[];
}

/** One job, or one standalone task with the job that is not shown, as the fold of its stream. */
export interface JobState extends JobDefinition {
  readonly id: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly outcome: 'open' | 'finished' | 'failed';
  readonly deleted: boolean;
  readonly expired: boolean;
  /** Task ids in the order of creation. */
  readonly order: readonly string[];
  readonly tasks: Readonly<Record<string, TaskState>>;
  readonly foreign: Readonly<Record<string, ForeignInput>>;
}

/** True when nothing more can happen to the task but its deletion. */
export const hasEnded = (task: TaskState): boolean => task.phase === 'finished' || task.phase === 'failed' || task.phase === 'cancelled';

/** The tasks of a job in the order of creation. */
export const tasksOf = (job: JobState): TaskState[] => job.order.map((id) => taskOf(job, id));

/** The task `id` of `job`, if the stream has it. Ids come from outside, so that names of Object.prototype must find nothing. */
export const findTask = (job: JobState, id: string): TaskState | undefined => (Object.hasOwn(job.tasks, id) ? job.tasks[id] : undefined);

/** The foreign input `id`, if some task of the stream takes it. */
export const findForeign = (job: JobState, id: string): ForeignInput | undefined => (Object.hasOwn(job.foreign, id) ? job.foreign[id] : undefined);

/** The task `id` of `job`. Throws RangeError when the stream has no such task: the caller's bug. */
export function taskOf(job: JobState, id: string): TaskState {
  const task = findTask(job, id);
  if (!task) throw new RangeError(`stream ${job.id} has no task ${id}`);
  return task;
}

/** The files a step works on: those of the task's inputs for its first step, else those of the step before. */
export function inputFilesOf(job: JobState, task: TaskState): (FileRef & { task: string })[] {
  if (task.step > 0) return task.files.map((file) => ({ ...file, task: task.id }));
  return task.inputs.flatMap((id) => {
    const own = findTask(job, id);
    const files = own ? (own.phase === 'finished' ? own.files : []) : (findForeign(job, id)?.files ?? []);
    return files.map((file) => ({ ...file, task: id }));
  });
}
