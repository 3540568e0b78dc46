import { ERROR_CODES, type ErrorCode } from '@millrace/contracts';
import { Failure } from '@millrace/failures';
import type { ClaimTask, ReportTask } from './command';
import type { Decision } from './decision';
import { queue, settle } from './progress';
import { backoff, later, type Rules } from './rules';
import { findTask, inputFilesOf, type JobState, taskOf, type TaskState } from './state';
import { bytesOf, isStorable, PART_MAX_BYTES, storable } from './storable';

/** What a claim is answered: `gone` when another run, or nobody, may do the task now. */
export function claimVerdict(job: JobState | null, command: Pick<ClaimTask, 'task' | 'step' | 'attempt' | 'losses' | 'run'>): 'start' | 'again' | 'gone' {
  const task = job && !job.deleted ? findTask(job, command.task) : undefined;
  if (!task || task.deleted || task.step !== command.step || task.attempt !== command.attempt || task.losses !== command.losses) return 'gone';
  if (task.phase === 'running') return task.run === command.run ? 'again' : 'gone';
  return task.phase === 'queued' ? 'start' : 'gone';
}

export function claimTask(decision: Decision, command: ClaimTask, rules: Rules): void {
  if (claimVerdict(decision.state, command) !== 'start') return;
  const { task: id, step, attempt, run, worker, engineVersion, now } = command;
  const task = taskOf(decision.job, id);
  // A backoff is not over: the invitation came from before the loss.
  if (task.notBefore !== null && Date.parse(task.notBefore) > Date.parse(now)) return;
  decision.add({
    type: 'TaskStarted',
    data: { at: now, task: id, step, attempt, run, worker, engineVersion, leaseUntil: later(now, rules.leaseMs), deadline: later(now, task.timeoutMs) },
  });
}

/** True when `run` is the current run of the task: only it may report. */
export function isCurrent(job: JobState | null, task: string, run: string | null): boolean {
  const state = job && !job.deleted ? findTask(job, task) : undefined;
  return state?.phase === 'running' && state.run === run;
}

/** True for a blob that the run itself wrote, or that was lent to it. */
function mayName(job: JobState, task: TaskState, run: string): (blob: string) => boolean {
  const lent = new Set([...task.files, ...inputFilesOf(job, { ...task, step: 0 })].map((file) => file.blob));
  const own = `${task.id}/${run}/`;
  return (blob) => lent.has(blob) || (blob.startsWith(own) && isStorable(blob) && blob.slice(own.length).split('/').every((part) => part !== '' && part !== '.' && part !== '..'));
}

type Finished = Extract<ReportTask['outcome'], { status: 'finished' }>;

/** A result as the log can keep it, or undefined when it is too large. */
function keepable(outcome: Finished): Finished | undefined {
  const files = outcome.files.map((file) => ({ ...file, name: storable(file.name) }));
  const text = (value: string | null): string | null => (value === null ? null : storable(value));
  const metadata =
    outcome.metadata &&
    Object.fromEntries(Object.entries(outcome.metadata).map(([key, value]) => [storable(key), typeof value === 'string' ? storable(value) : value]));
  const facts = { message: text(outcome.message), output: text(outcome.output), metadata };
  const fits = bytesOf(facts) <= PART_MAX_BYTES && files.every((file) => bytesOf(file) < PART_MAX_BYTES);
  return fits ? { status: 'finished', files, ...facts } : undefined;
}

/** Ends the run. Appends nothing when it is not the current one: the report is refused. */
export function reportTask(decision: Decision, command: ReportTask, rules: Rules): void {
  if (!isCurrent(decision.state, command.task, command.run)) return;
  if (command.outcome.status === 'finished') runFinished(decision, command.task, command.run, command.outcome);
  else runFailed(decision, command.task, command.run, command.outcome.code, storable(command.outcome.message), rules);
  settle(decision);
}

function runFinished(decision: Decision, id: string, run: string, outcome: Finished): void {
  const task = taskOf(decision.job, id);
  const allowed = mayName(decision.job, task, run);
  if (!outcome.files.every((file) => allowed(file.blob))) {
    throw new Failure('FORBIDDEN', 'A report may name only files of its own run or of its inputs');
  }
  const kept = keepable(outcome);
  if (!kept) {
    // Refusing the report would leave its worker repeating it until the task's time is over.
    decision.add({ type: 'TaskFailed', data: { at: decision.now, task: id, code: 'LIMIT_EXCEEDED', message: 'The result of the task is too large' } });
    return;
  }
  decision.store(id, task.step, run, kept.files);
  if (task.step + 1 < task.steps.length) queue(decision, id, task.step + 1, 1, task.losses, null);
  else decision.finish(id, kept);
}

function runFailed(decision: Decision, id: string, run: string, code: ErrorCode, message: string, rules: Rules): void {
  const { step, attempt, losses } = taskOf(decision.job, id);
  const kind = ERROR_CODES[code].class;
  if (kind === 'infrastructure') {
    loseRun(decision, id, { reason: code, code, message }, rules);
  } else if (kind === 'engine' && attempt < rules.attempts) {
    decision.add({ type: 'AttemptFailed', data: { at: decision.now, task: id, step, attempt, run, code, message } });
    queue(decision, id, step, attempt + 1, losses, null);
  } else {
    decision.add({ type: 'TaskFailed', data: { at: decision.now, task: id, code, message } });
  }
}

/** Why a run was lost, and how the task ends when it was lost once too often. */
interface Loss {
  readonly reason: string;
  readonly code: ErrorCode;
  readonly message?: string;
}

/** The run is lost through no fault of the task: it is queued again with backoff, and burns no attempt. */
export function loseRun(decision: Decision, id: string, { reason, code, message }: Loss, rules: Rules): void {
  const task = taskOf(decision.job, id);
  const losses = task.losses + 1;
  decision.add({ type: 'AttemptLost', data: { at: decision.now, task: id, step: task.step, attempt: task.attempt, run: task.run!, reason } });
  if (losses >= rules.losses) {
    decision.add({ type: 'TaskFailed', data: { at: decision.now, task: id, code, message: message ?? `The task lost its worker ${losses} times` } });
  } else {
    queue(decision, id, task.step, task.attempt, losses, later(decision.now, backoff(losses, rules)));
  }
}

/** Runs that were current before and are not any more, but for those that finished their task: they are to stop at once. */
export function stoppedRuns(before: JobState | null, after: JobState | null): string[] {
  if (!before) return [];
  return Object.values(before.tasks).flatMap((task) => (isCurrent(before, task.id, task.run) && !isCurrent(after, task.id, task.run) && after?.tasks[task.id]?.phase !== 'finished' ? [task.run!] : []));
}
