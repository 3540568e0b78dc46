import { hasEnded, inputFilesOf, type JobState, tasksOf } from './state';

/** Why a stream holds a blob: as somebody's result, as a file between two steps, or as an input of a task that has not ended. */
export interface Reference {
  readonly blob: string;
  readonly task: string;
  readonly role: 'output' | 'step' | 'input';
}

/** Every reference that a state holds. Blobs without any are removed an hour later. */
export function referencesOf(job: JobState): Reference[] {
  if (job.deleted || job.expired) return [];
  const references = new Map<string, Reference>();
  const hold = (blob: string, task: string, role: Reference['role']): void => void references.set(`${role} ${task} ${blob}`, { blob, task, role });
  for (const task of tasksOf(job)) {
    if (task.phase === 'finished' && !task.deleted) task.files.forEach((file) => hold(file.blob, task.id, 'output'));
    if (hasEnded(task)) continue;
    if (task.step > 0) task.files.forEach((file) => hold(file.blob, task.id, 'step'));
    else inputFilesOf(job, task).forEach((file) => hold(file.blob, task.id, 'input'));
  }
  return [...references.values()];
}
