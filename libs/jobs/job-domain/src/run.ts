import { ERROR_CODES } from '@millrace/contracts';
import { Failure } from '@millrace/failures';
import type { ClaimTask, ReportTask } from './command';
import type { Decision } from './decision';
import { queue, settle } from './progress';
import { backoff, later, type Rules } from './rules';
import type { JobState, TaskState } from './state';

/** What a claim is answered: `gone` when another run, or nobody, may do the task now. */
export function claimVerdict(job: JobState | null, command: Pick<ClaimTask, 'task' | 'step' | 'attempt' | 'run'>): 'start' | 'again' | 'gone' {
  const task = job && !job.deleted ? job.tasks[command.task] : undefined;
  if (!task || task.deleted || task.step !== command.step || task.attempt !== command.attempt) return 'gone';
  if (task.phase === 'running') return task.run === command.run ? 'again' : 'gone';
  return task.phase === 'queued' ? 'start' : 'gone';
}

export function claimTask(decision: Decision, command: ClaimTask, rules: Rules): void {
  if (claimVerdict(decision.state, command) !== 'start') return;
  const { task: id, step, attempt, run, worker, engineVersion, now } = command;
  const task = decision.job.tasks[id]!;
  // A backoff is not over: the invitation came from before the loss.
  if (task.notBefore !== null && task.notBefore > now) return;
  decision.add({
    type: 'TaskStarted',
    data: { at: now, task: id, step, attempt, run, worker, engineVersion, leaseUntil: later(now, rules.leaseMs), deadline: later(now, task.timeoutMs) },
  });
}

/** True when `run` is the current run of the task: only it may report. */
export function isCurrent(job: JobState | null, task: string, run: string | null): boolean {
  const state = job && !job.deleted ? job.tasks[task] : undefined;
  return state?.phase === 'running' && state.run === run;
}

function namesForeignBlobs(task: TaskState, job: JobState, run: string, blobs: readonly string[]): boolean {
  const lent = new Set([...task.files, ...task.inputs.flatMap((id) => [...(job.tasks[id]?.files ?? job.foreign[id]?.files ?? [])])].map((file) => file.blob));
  return blobs.some((blob) => !blob.startsWith(`${task.id}/${run}/`) && !lent.has(blob));
}

/** Ends the run. Appends nothing when it is not the current one: the report is refused. */
export function reportTask(decision: Decision, command: ReportTask, rules: Rules): void {
  const { task: id, run, outcome } = command;
  if (!isCurrent(decision.state, id, run)) return;
  const task = decision.job.tasks[id]!;
  if (outcome.status === 'finished') {
    if (namesForeignBlobs(task, decision.job, run, outcome.files.map((file) => file.blob))) {
      throw new Failure('FORBIDDEN', 'A report may name only files of its own run or of its inputs');
    }
    decision.store(id, task.step, run, outcome.files);
    if (task.step + 1 < task.steps.length) queue(decision, id, task.step + 1, 1, 0, null);
    else decision.finish(id, outcome);
  } else if (ERROR_CODES[outcome.code].class === 'engine' && task.attempt < rules.attempts) {
    decision.add({ type: 'AttemptFailed', data: { at: decision.now, task: id, step: task.step, attempt: task.attempt, run, code: outcome.code, message: outcome.message } });
    queue(decision, id, task.step, task.attempt + 1, 0, null);
  } else if (ERROR_CODES[outcome.code].class === 'infrastructure') {
    loseRun(decision, id, outcome.code, rules);
  } else {
    decision.add({ type: 'TaskFailed', data: { at: decision.now, task: id, code: outcome.code, message: outcome.message } });
  }
  settle(decision);
}

/** The run is lost through no fault of the task: it is queued again with backoff, and burns no attempt. */
export function loseRun(decision: Decision, id: string, reason: string, rules: Rules): void {
  const task = decision.job.tasks[id]!;
  const losses = task.losses + 1;
  decision.add({ type: 'AttemptLost', data: { at: decision.now, task: id, step: task.step, attempt: task.attempt, run: task.run!, reason } });
  if (losses >= rules.losses) {
    decision.add({ type: 'TaskFailed', data: { at: decision.now, task: id, code: 'WORKER_LOST', message: `The task lost its worker ${losses} times` } });
  } else {
    queue(decision, id, task.step, task.attempt, losses, later(decision.now, backoff(losses, rules)));
  }
}

/** Runs that were current before and are not any more: they are to stop at once. */
export function stoppedRuns(before: JobState | null, after: JobState | null): string[] {
  if (!before) return [];
  return Object.values(before.tasks).flatMap((task) => (isCurrent(before, task.id, task.run) && !isCurrent(after, task.id, task.run) ? [task.run!] : []));
}
