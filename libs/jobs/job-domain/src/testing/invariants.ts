import { EVENT_MAX_BYTES, EVENT_SCHEMAS, type JobEvent } from '@millrace/contracts';
import { fold } from '../evolve';
import { referencesOf } from '../references';
import { DEFAULT_RULES } from '../rules';
import { hasEnded, inputFilesOf, type JobState, type TaskState, tasksOf } from '../state';
import { pendingInputs, timersOf } from '../timers';

/** An event must be one of the contract's, and small. */
export function checkEvent({ type, data }: JobEvent): void {
  expect(EVENT_SCHEMAS[type].parse(data)).toEqual(data);
  const json = JSON.stringify(data);
  expect(Buffer.byteLength(json)).toBeLessThanOrEqual(EVENT_MAX_BYTES);
  expect(JSON.stringify(data, (_key, value: unknown) => (typeof value === 'string' && /\0|\p{Surrogate}/u.test(value) ? 'UNSTORABLE' : value))).toBe(json);
}

function waitsForSomething(job: JobState, task: TaskState): boolean {
  return task.inputs.some((input) => (job.tasks[input] ? !hasEnded(job.tasks[input]) : pendingInputs(job).includes(input)));
}

function checkTimers(job: JobState): void {
  const timers = timersOf(job, DEFAULT_RULES);
  const has = (kind: string, task: string | null): boolean => timers.some((timer) => timer.kind === kind && timer.task === task && Number.isFinite(Date.parse(timer.dueAt)));
  expect(new Set(timers.map(({ kind, task, run }) => `${kind} ${task} ${run}`)).size).toBe(timers.length);
  if (job.deleted || job.expired) return expect(timers).toEqual([]);
  if (job.outcome !== 'open') return expect(timers.map(({ kind }) => kind)).toEqual(['retention']);
  for (const input of pendingInputs(job)) expect(has('foreign', input)).toBe(true);
  for (const task of tasksOf(job)) {
    if (hasEnded(task)) expect(timers.filter((timer) => timer.task === task.id)).toEqual([]);
    if (task.phase === 'waiting') expect(waitsForSomething(job, task)).toBe(true);
    if (task.phase === 'uploading') expect(has('upload', task.id)).toBe(true);
    if (task.phase === 'queued') expect(has('queue', task.id)).toBe(true);
    if (task.phase === 'running') expect([has('lease', task.id), has('timeout', task.id)]).toEqual([true, true]);
  }
  expect(tasksOf(job).every(hasEnded)).toBe(false);
}

function checkReferences(job: JobState): void {
  const references = referencesOf(job);
  if (job.deleted || job.expired) return expect(references).toEqual([]);
  const held = (task: TaskState): Set<string> => new Set(references.filter((reference) => reference.task === task.id).map(({ blob }) => blob));
  for (const task of tasksOf(job)) {
    if (task.phase === 'finished' && !task.deleted) for (const { blob } of task.files) expect(held(task)).toContain(blob);
    if (!hasEnded(task)) for (const { blob } of inputFilesOf(job, task)) expect(held(task)).toContain(blob);
  }
}

/** What must hold of a stream after every command; ARCHITECTURE, "What always holds". */
export function checkInvariants(stream: string, log: readonly JobEvent[], job: JobState): void {
  expect(fold(stream, log)).toEqual(job);
  const terminal = log.filter((event) => event.terminal);
  expect(terminal).toHaveLength(job.outcome !== 'open' || job.deleted ? 1 : 0);
  for (const task of tasksOf(job)) expect(task.arriving).toEqual([]);
  checkTimers(job);
  checkReferences(job);
}
