import { TASKS_PER_JOB } from '@millrace/contracts';
import { Failure } from '@millrace/failures';
import type { CreateJob, TaskPlan } from './command';
import type { Decision } from './decision';
import { settle } from './progress';
import { later, type Rules } from './rules';
import { findForeign } from './state';
import { bytesOf, isStorable, PART_MAX_BYTES } from './storable';

const invalid = (field: string, message: string): Failure => new Failure('INVALID_DATA', 'The given data was invalid.', { errors: { [field]: [message] } });

/** The first task on a cycle of inputs, or undefined. */
function cycle(tasks: readonly TaskPlan[]): TaskPlan | undefined {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const seen = new Map<string, 'open' | 'done'>();
  for (const root of tasks) {
    // An explicit stack: a chain of 500 tasks must not depend on the depth of the call stack.
    const stack = [{ task: root, next: 0 }];
    if (!seen.has(root.id)) seen.set(root.id, 'open');
    else continue;
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const input = top.task.inputs[top.next++];
      if (input === undefined) {
        seen.set(top.task.id, 'done');
        stack.pop();
        continue;
      }
      const task = byId.get(input);
      if (!task) continue;
      if (seen.get(task.id) === 'open') return task;
      if (!seen.has(task.id)) {
        seen.set(task.id, 'open');
        stack.push({ task, next: 0 });
      }
    }
  }
  return undefined;
}

/** JobCreated, the definitions, and whatever can begin at once. Throws INVALID_DATA for graphs that cannot be run. */
export function createJob(decision: Decision, command: CreateJob, rules: Rules): void {
  const { tasks, now } = command;
  if (decision.state) throw new Failure('CONFLICT', 'The job exists already');
  if (tasks.length === 0) throw invalid('tasks', 'The tasks field is required.');
  if (tasks.length > TASKS_PER_JOB) throw invalid('tasks', `The job may not have more than ${TASKS_PER_JOB} tasks.`);
  const looped = cycle(tasks);
  if (looped) throw invalid(looped.name ? `tasks.${looped.name}.input` : 'input', 'The inputs of the tasks form a cycle.');

  const known = new Set([...tasks.map((task) => task.id), ...command.foreign.map(({ task }) => task)]);
  const stray = tasks.find((task) => task.inputs.some((input) => !known.has(input)));
  if (stray) throw invalid(stray.name ? `tasks.${stray.name}.input` : 'input', 'Invalid input task.');

  const index = new Map(tasks.map((task, i) => [task.id, i]));
  const graph = tasks.map(({ id, name, inputs }) => ({ id, name, inputs: inputs.map((input) => index.get(input) ?? input) }));
  const { tag, webhookUrl } = command;
  if (!isStorable(tag ?? '')) throw invalid('tag', 'The tag format is invalid.');
  if (!isStorable(webhookUrl ?? '')) throw invalid('webhook_url', 'The webhook url format is invalid.');
  if (bytesOf({ graph, tag, webhookUrl }) > PART_MAX_BYTES) throw invalid('tasks', 'The job has too many tasks, inputs or too long names to be kept in one graph.');
  const { kind, account, apiKey, region, priority, retryOfJob, trace } = command;
  decision.add({ type: 'JobCreated', data: { at: now, kind, account, apiKey, tag, webhookUrl, region, priority, retryOfJob, trace, tasks: graph } });
  for (const { id, name, operation, options, steps, ignoreError, timeoutMs, retryOf } of tasks) {
    if (bytesOf(options) > PART_MAX_BYTES) throw invalid(name ? `tasks.${name}` : 'options', 'The options of the task are too large.');
    decision.add({ type: 'TaskDefined', data: { at: now, task: id, operation, options: { ...options }, steps: [...steps], ignoreError, timeoutMs, retryOf } });
  }
  for (const { task, outcome, files } of command.foreign) {
    if (outcome !== 'pending' && findForeign(decision.job, task)?.outcome === 'pending') decision.resolve(task, outcome, files);
  }
  for (const { id, steps, content } of tasks) {
    if (content) {
      decision.store(id, 0, content.run, content.files);
      decision.finish(id);
    } else if (steps.length === 0) {
      decision.add({ type: 'TaskAwaitingUpload', data: { at: now, task: id, expiresAt: later(now, rules.uploadMs) } });
    }
  }
  settle(decision);
}
