import { later, type Rules } from './rules';
import { type JobState, type TaskState, tasksOf } from './state';

/** A row of `job_timers`: what ends, or looks after, one non-terminal state. */
export interface Timer {
  readonly kind: 'upload' | 'lease' | 'timeout' | 'queue' | 'foreign' | 'retention';
  /** The task it ends; for `foreign` the task that is waited for; null for the job's own. */
  readonly task: string | null;
  readonly run: string | null;
  readonly dueAt: string;
}

function timersOfTask(task: TaskState, rules: Rules): Timer[] {
  const { id, run } = task;
  switch (task.phase) {
    case 'uploading':
      return [{ kind: 'upload', task: id, run: null, dueAt: task.uploadUntil! }];
    case 'queued':
      return [{ kind: 'queue', task: id, run: null, dueAt: later(task.queuedAt!, rules.queueMs) }];
    case 'running':
      return [
        { kind: 'lease', task: id, run, dueAt: task.leaseUntil! },
        { kind: 'timeout', task: id, run, dueAt: task.deadline! },
      ];
    default:
      return [];
  }
}

/** The timers that a state must have, no more and no fewer. Waiting tasks end with their inputs. */
export function timersOf(job: JobState, rules: Rules): Timer[] {
  if (job.deleted || job.expired) return [];
  if (job.outcome !== 'open') return [{ kind: 'retention', task: null, run: null, dueAt: later(job.endedAt!, rules.retentionMs) }];
  const foreign = pendingInputs(job).map((task): Timer => ({ kind: 'foreign', task, run: null, dueAt: later(job.createdAt, rules.foreignMs) }));
  return [...tasksOf(job).flatMap((task) => timersOfTask(task, rules)), ...foreign];
}

/** Foreign tasks that a waiting task of this job still waits for. */
export function pendingInputs(job: JobState): string[] {
  if (job.deleted || job.expired || job.outcome !== 'open') return [];
  const waited = new Set(tasksOf(job).flatMap((task) => (task.phase === 'waiting' ? task.inputs : [])));
  return Object.keys(job.foreign).filter((id) => job.foreign[id]!.outcome === 'pending' && waited.has(id));
}
