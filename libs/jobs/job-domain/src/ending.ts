import { Failure } from '@millrace/failures';
import type { CancelTask, DeleteTask, ResolveInput, TimerFired, UploadReceived } from './command';
import { chunks, type Decision } from './decision';
import { settle } from './progress';
import { isCurrent, loseRun } from './run';
import type { Rules } from './rules';
import { hasEnded, type TaskState } from './state';

function ownTask(decision: Decision, id: string): TaskState {
  const task = decision.job.tasks[id];
  if (!task || task.deleted || decision.job.deleted || decision.job.expired) throw new Failure('NOT_FOUND', 'The task was not found');
  return task;
}

/** The first upload wins. Throws CONFLICT for a later one and GONE when the time for it is over. */
export function uploadReceived(decision: Decision, command: UploadReceived): void {
  const task = ownTask(decision, command.task);
  if (task.phase === 'finished') throw new Failure('CONFLICT', 'The file was uploaded already');
  if (task.phase !== 'uploading') throw new Failure('GONE', 'The task does not wait for a file any more');
  decision.store(task.id, 0, command.run, command.files);
  decision.finish(task.id);
  settle(decision);
}

/** Throws INVALID_DATA for a task that has ended (contract §4.1). */
export function cancelTask(decision: Decision, command: CancelTask): void {
  const task = ownTask(decision, command.task);
  if (hasEnded(task)) {
    throw new Failure('INVALID_DATA', 'The given data was invalid.', { errors: { status: ['Cannot change status: task already completed.'] } });
  }
  decision.add({ type: 'TaskCancelled', data: { at: decision.now, task: task.id } });
  settle(decision);
}

/** Deletes a task; one that still runs is cancelled first. A deleted standalone task takes its stream along. */
export function deleteTask(decision: Decision, command: DeleteTask): void {
  const task = ownTask(decision, command.task);
  if (!hasEnded(task)) decision.add({ type: 'TaskCancelled', data: { at: decision.now, task: task.id } });
  decision.add({ type: 'TaskDeleted', data: { at: decision.now, task: task.id } });
  settle(decision);
  if (decision.job.kind === 'task') decision.add({ type: 'JobDeleted', data: { at: decision.now } });
}

/** Ends whatever runs, in one event. */
export function deleteJob(decision: Decision): void {
  if (decision.job.deleted || decision.job.expired) throw new Failure('NOT_FOUND', 'The job was not found');
  const terminal = decision.job.outcome === 'open';
  decision.add({ type: 'JobDeleted', data: { at: decision.now }, ...(terminal ? { terminal } : {}) });
}

/** A foreign task ended; a notice that comes twice, or that nobody waits for, changes nothing. */
export function resolveInput(decision: Decision, command: ResolveInput): void {
  const { job } = decision;
  if (job.deleted || job.expired || job.foreign[command.input]?.outcome !== 'pending') return;
  const pieces = command.files.length > 0 ? chunks(command.files) : [[]];
  pieces.forEach((files, i) =>
    decision.add({ type: 'InputResolved', data: { at: decision.now, input: command.input, outcome: command.outcome, files, more: i < pieces.length - 1 } }),
  );
  settle(decision);
}

/** Ends the state that the timer was set for, if the task is still in it. */
export function timerFired(decision: Decision, command: TimerFired, rules: Rules): void {
  const { job, now } = decision;
  if (job.deleted || job.expired) return;
  if (command.timer === 'retention') {
    if (job.outcome !== 'open') decision.add({ type: 'FilesExpired', data: { at: now } });
    return;
  }
  const task = command.task === null ? undefined : job.tasks[command.task];
  if (!task || hasEnded(task)) return;
  const fail = (code: 'TIMEOUT' | 'ENGINE_UNAVAILABLE' | 'UPLOAD_EXPIRED', message: string): void =>
    decision.add({ type: 'TaskFailed', data: { at: now, task: task.id, code, message } });
  if (command.timer === 'upload' && task.phase === 'uploading') fail('UPLOAD_EXPIRED', 'No file was uploaded in time');
  if (command.timer === 'queue' && task.phase === 'queued') fail('ENGINE_UNAVAILABLE', `No worker for the engine ${task.engine} is available`);
  if (command.timer === 'lease' && isCurrent(job, task.id, command.run)) loseRun(decision, task.id, 'LEASE_EXPIRED', rules);
  if (command.timer === 'timeout' && isCurrent(job, task.id, command.run)) fail('TIMEOUT', `The task did not finish within ${Math.round(task.timeoutMs / 1000)} seconds`);
  if (decision.events.length > 0) settle(decision);
}
