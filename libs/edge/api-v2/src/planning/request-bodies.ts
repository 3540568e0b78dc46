import { type CreateJobBody, createJobBody, type TaskBody, taskBody, TASK_NAME } from '@millrace/contracts';
import { FieldErrors } from './field-errors';
import { isStorable } from './storable';

const REQUIRED = 'The tasks field is required.';

const isWebAddress = (text: string): boolean => /^https?:\/\/[^\s]+$/i.test(text) && URL.canParse(text);

/** A field of a body that nobody has checked yet. */
export const fieldOf = (value: unknown, field: string): unknown => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[field] : undefined);

/** The operations that the body of a job names, before it is checked. */
export const operationsIn = (body: unknown): unknown[] => Object.values(fieldOf(body, 'tasks') ?? {}).map((task) => fieldOf(task, 'operation'));

/** Checks the body of `POST /v2/jobs`, the tasks' own options aside. Throws INVALID_DATA. No address is looked up: it is a shape that is checked. */
export function readJobBody(body: unknown, tasksPerJob: number): CreateJobBody {
  const errors = new FieldErrors();
  const parsed = createJobBody.safeParse(body ?? {});
  if (!parsed.success) {
    errors.addIssues(parsed.error, 'tasks');
    errors.throwIfAny();
  }
  const { tasks, tag, webhook_url: webhookUrl } = parsed.data!;
  const names = Object.keys(tasks);
  if (names.length === 0) errors.add('tasks', REQUIRED);
  if (names.length > tasksPerJob) errors.add('tasks', `The job may not have more than ${tasksPerJob} tasks.`);
  for (const name of names.slice(0, tasksPerJob)) {
    if (!TASK_NAME.test(name)) errors.add(`tasks.${name}`, 'The name of a task is 1 to 128 letters, digits, - and _.');
  }
  if (!isStorable(tag)) errors.add('tag', 'The tag holds characters that cannot be stored.');
  if (webhookUrl !== null && !(isWebAddress(webhookUrl) && isStorable(webhookUrl))) errors.add('webhook_url', 'The webhook url format is invalid.');
  errors.throwIfAny();
  return parsed.data!;
}

/** Checks the body of `POST /v2/{operation}`; the operation of the path wins over one in the body. Throws INVALID_DATA. */
export function readTaskBody(operation: string, body: unknown): TaskBody {
  const errors = new FieldErrors();
  const fields = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {};
  const parsed = taskBody.safeParse({ ...fields, operation });
  if (!parsed.success) errors.addIssues(parsed.error, 'body');
  if (body !== undefined && body !== null && fields !== body) errors.add('body', 'The request body must be a JSON object.');
  errors.throwIfAny();
  return parsed.data!;
}
