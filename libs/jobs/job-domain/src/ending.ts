import { ANY_VERSION } from '@millrace/contracts';
import { Failure } from '@millrace/failures';
import type { CancelTask, DeleteTask, ResolveInput, TimerFired, UploadReceived } from './command';
import type { Decision } from './decision';
import { settle } from './progress';
import { loseRun } from './run';
import type { Rules } from './rules';
import { findForeign, findTask, hasEnded, type TaskState, taskOf } from './state';
import { timersOf } from './timers';

function ownTask(decision: Decision, id: string): TaskState {
  const task = findTask(decision.job, id);
  if (!task || task.deleted || decision.job.deleted || decision.job.expired) throw new Failure('NOT_FOUND', 'The task was not found');
  return task;
}

/** The first upload wins. Throws CONFLICT for a later one and GONE when the time for it is over. */
export function uploadReceived(decision: Decision, command: UploadReceived): void {
  const task = ownTask(decision, command.task);
  if (task.phase === 'finished') throw new Failure('CONFLICT', 'The file was uploaded already');
  // The timer may be late; the promise of the form is not.
  const over = task.phase !== 'uploading' || Date.parse(task.uploadUntil!) <= Date.parse(decision.now);
  if (over) throw new Failure('GONE', 'The task does not wait for a file any more');
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
  if (decision.job.kind === 'task') deleteJob(decision);
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
  if (job.deleted || job.expired || findForeign(job, command.input)?.outcome !== 'pending') return;
  decision.resolve(command.input, command.outcome, command.files);
  settle(decision);
}

/** The version that was asked for, where one was. */
function ofVersion({ steps, step }: TaskState): string {
  const version = steps[step]?.version ?? ANY_VERSION;
  return version === ANY_VERSION ? '' : ` in version ${version}`;
}

/** Ends the state that the timer was set for, if it is one of the timers of the state and its time has come. */
export function timerFired(decision: Decision, command: TimerFired, rules: Rules): void {
  const { job, now } = decision;
  const current = timersOf(job, rules).find(({ kind, task, run }) => kind === command.timer && task === command.task && run === command.run);
  // Between the sweep that found it and this moment the task may have moved on, and been queued again.
  if (!current || Date.parse(current.dueAt) > Date.parse(now)) return;
  if (command.timer === 'retention') {
    decision.add({ type: 'FilesExpired', data: { at: now } });
    return;
  }
  const task = taskOf(job, current.task!);
  const fail = (code: 'TIMEOUT' | 'ENGINE_UNAVAILABLE' | 'UPLOAD_EXPIRED', message: string): void =>
    decision.add({ type: 'TaskFailed', data: { at: now, task: task.id, code, message } });
  switch (command.timer) {
    case 'upload':
      fail('UPLOAD_EXPIRED', 'No file was uploaded in time');
      break;
    case 'queue':
      fail('ENGINE_UNAVAILABLE', `No worker for the engine ${task.engine}${ofVersion(task)} is available`);
      break;
    case 'timeout':
      fail('TIMEOUT', `The task did not finish within ${Math.round(task.timeoutMs / 1000)} seconds`);
      break;
    case 'lease':
      loseRun(decision, task.id, { reason: 'LEASE_EXPIRED', code: 'WORKER_LOST' }, rules);
      break;
  }
  settle(decision);
}
