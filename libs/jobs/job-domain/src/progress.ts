import type { Decision } from './decision';
import { routeRequest, sameSteps } from './route';
import { findForeign, findTask, hasEnded, inputFilesOf, type JobState, type TaskState, taskOf, tasksOf } from './state';
import { storable } from './storable';

/** What the inputs of a waiting task allow. */
type Readiness = 'wait' | 'run' | 'fail';

function inputVerdict(job: JobState, id: string): Readiness | 'skip' {
  const task = findTask(job, id);
  if (!task) {
    const outcome = findForeign(job, id)?.outcome ?? 'failed';
    return outcome === 'pending' ? 'wait' : outcome === 'finished' ? 'run' : 'fail';
  }
  if (!hasEnded(task)) return 'wait';
  if (task.phase === 'finished') return 'run';
  return task.ignoreError ? 'skip' : 'fail';
}

/** Waits while an input is open; fails with a failed one; an ignored failure is left out, unless nothing is left. */
export function readiness(job: JobState, task: TaskState): Readiness {
  const verdicts = task.inputs.map((id) => inputVerdict(job, id));
  if (verdicts.includes('wait')) return 'wait';
  if (verdicts.includes('fail')) return 'fail';
  if (verdicts.includes('skip') && inputFilesOf(job, task).length === 0) return 'fail';
  return 'run';
}

/** Queues the step of a task for its engine. */
export function queue(decision: Decision, id: string, step: number, attempt: number, losses: number, notBefore: string | null): void {
  const plan = taskOf(decision.job, id).steps[step];
  if (!plan) throw new RangeError(`task ${id} has no step ${step}`);
  decision.add({ type: 'TaskQueued', data: { at: decision.now, task: id, step, attempt, engine: plan.engine, version: plan.version, losses, notBefore } });
}

/** Begins a task whose inputs are there: chooses its steps and queues the first, or fails it when its inputs fit no route. */
function begin(decision: Decision, task: TaskState): void {
  const route = decision.route(routeRequest(task, inputFilesOf(decision.job, task)));
  if ('code' in route) {
    decision.add({ type: 'TaskFailed', data: { at: decision.now, task: task.id, code: route.code, message: storable(route.message) } });
    return;
  }
  if (!sameSteps(route.steps, task.steps)) decision.add({ type: 'TaskRouted', data: { at: decision.now, task: task.id, steps: [...route.steps] } });
  queue(decision, task.id, 0, 1, 0, null);
}

/** Queues what became ready, fails what can never be, and ends the job when all its tasks have ended. */
export function settle(decision: Decision): void {
  for (let moved = true; moved; ) {
    moved = false;
    for (const task of tasksOf(decision.job)) {
      if (task.phase !== 'waiting') continue;
      const verdict = readiness(decision.job, task);
      if (verdict === 'wait') continue;
      moved = true;
      if (verdict === 'run') begin(decision, task);
      else decision.add({ type: 'TaskFailed', data: { at: decision.now, task: task.id, code: 'INPUT_TASK_FAILED', message: 'Input task has failed' } });
    }
  }
  endJob(decision);
}

function endJob(decision: Decision): void {
  const { job } = decision;
  if (job.outcome !== 'open' || job.deleted) return;
  const tasks = tasksOf(job);
  if (!tasks.every(hasEnded)) return;
  const failed = tasks.some((task) => task.phase !== 'finished' && !task.ignoreError);
  decision.add({ type: failed ? 'JobFailed' : 'JobFinished', data: { at: decision.now }, terminal: true });
}
