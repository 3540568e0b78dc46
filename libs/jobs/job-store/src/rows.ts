import type { FileRef, WireStatus } from '@millrace/contracts';
import { type JobState, referencesOf, type Rules, type TaskState, tasksOf, timersOf } from '@millrace/job-domain';

/** A row of `jobs`. */
export interface JobRow {
  id: string;
  account: number;
  kind: 'job' | 'task';
  api_key: string | null;
  tag: string | null;
  status: WireStatus;
  region: string;
  priority: number;
  webhook_url: string | null;
  retry_of_job: string | null;
  trace: string | null;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
}

/** What only the API shows of a task, kept as one document. */
export interface TaskView {
  options: Readonly<Record<string, unknown>>;
  inputs: readonly string[];
  files: readonly FileRef[];
  metadata: Readonly<Record<string, unknown>> | null;
  output: string | null;
  worker: string | null;
  uploadUntil: string | null;
  ignoreError: boolean;
  /** A retry is given the same time. */
  timeoutMs: number;
}

/** A row of `tasks`: what the dispatcher selects by, and the view. */
export interface TaskRow {
  id: string;
  stream: string;
  account: number;
  kind: 'job' | 'task';
  ordinal: number;
  name: string | null;
  operation: string;
  phase: TaskState['phase'];
  status: WireStatus;
  step: number;
  attempt: number;
  losses: number;
  region: string;
  priority: number;
  engine: string | null;
  version: string | null;
  engine_version: string | null;
  run: string | null;
  queued_at: string | null;
  not_before: string | null;
  code: string | null;
  message: string | null;
  retry_of: string | null;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  view: TaskView;
}

/** A row of `job_timers`; `task` is '' for the job's own timer, `run` is '' where none is meant. */
export interface TimerRow {
  stream: string;
  kind: string;
  task: string;
  run: string;
  due_at: string;
}

/** A row of `blob_references`. */
export interface ReferenceRow {
  blob: string;
  stream: string;
  task: string;
  role: string;
}

/** Every read-model row that one stream has: a pure function of its fold, so that the models can be checked and rebuilt. */
export interface Rows {
  jobs: Record<string, JobRow>;
  tasks: Record<string, TaskRow>;
  timers: Record<string, TimerRow>;
  references: Record<string, ReferenceRow>;
}

const STATUS: Record<TaskState['phase'], WireStatus> = {
  waiting: 'waiting',
  uploading: 'waiting',
  queued: 'waiting',
  running: 'processing',
  finished: 'finished',
  failed: 'error',
  cancelled: 'error',
};

function jobStatus(job: JobState): WireStatus {
  if (job.outcome !== 'open') return job.outcome === 'finished' ? 'finished' : 'error';
  return job.startedAt === null ? 'waiting' : 'processing';
}

/** Of its job a row shows only what never changes, so that a state of a task has one row; a task that an append leaves as it was is not looked at. */
const taskRows = new WeakMap<TaskState, TaskRow>();

function taskRow(job: JobState, task: TaskState, ordinal: number): TaskRow {
  const known = taskRows.get(task);
  if (known) return known;
  const row = newTaskRow(job, task, ordinal);
  taskRows.set(task, row);
  return row;
}

function newTaskRow(job: JobState, task: TaskState, ordinal: number): TaskRow {
  return {
    id: task.id,
    stream: job.id,
    account: job.account,
    kind: job.kind,
    ordinal,
    name: task.name,
    operation: task.operation,
    phase: task.phase,
    status: STATUS[task.phase],
    step: task.step,
    attempt: task.attempt,
    losses: task.losses,
    region: job.region,
    priority: job.priority,
    engine: task.engine,
    version: task.steps[task.step]?.version ?? null,
    engine_version: task.engineVersion,
    run: task.run,
    queued_at: task.queuedAt,
    not_before: task.notBefore,
    code: task.code,
    message: task.message,
    retry_of: task.retryOf,
    created_at: job.createdAt,
    started_at: task.startedAt,
    ended_at: task.endedAt,
    view: {
      options: task.options,
      inputs: task.inputs,
      files: task.phase === 'finished' ? task.files : [],
      metadata: task.metadata,
      output: task.output,
      worker: task.worker,
      uploadUntil: task.uploadUntil,
      ignoreError: task.ignoreError,
      timeoutMs: task.timeoutMs,
    },
  };
}

const NOTHING: Rows = { jobs: {}, tasks: {}, timers: {}, references: {} };

/** The rows of a state; a deleted or expired job has none. */
export function rowsOf(job: JobState | null, rules: Rules): Rows {
  if (!job || job.deleted || job.expired) return NOTHING;
  const tasks = tasksOf(job).flatMap((task, ordinal) => (task.deleted ? [] : [[task.id, taskRow(job, task, ordinal)] as const]));
  const timers = timersOf(job, rules).map(({ kind, task, run, dueAt }): [string, TimerRow] => [
    `${kind} ${task ?? ''} ${run ?? ''}`,
    { stream: job.id, kind, task: task ?? '', run: run ?? '', due_at: dueAt },
  ]);
  const references = referencesOf(job).map(({ blob, task, role }): [string, ReferenceRow] => [`${role} ${task} ${blob}`, { blob, stream: job.id, task, role }]);
  return {
    jobs: {
      [job.id]: {
        id: job.id,
        account: job.account,
        kind: job.kind,
        api_key: job.apiKey,
        tag: job.tag,
        status: jobStatus(job),
        region: job.region,
        priority: job.priority,
        webhook_url: job.webhookUrl,
        retry_of_job: job.retryOfJob,
        trace: job.trace,
        created_at: job.createdAt,
        started_at: job.startedAt,
        ended_at: job.endedAt,
      },
    },
    tasks: Object.fromEntries(tasks),
    timers: Object.fromEntries(timers),
    references: Object.fromEntries(references),
  };
}
