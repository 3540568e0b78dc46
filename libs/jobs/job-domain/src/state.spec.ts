import { referencesOf } from './references';
import { DEFAULT_RULES } from './rules';
import { after, cancel, claim, content, create, createJob, fail, file, finish, foreign, foreignId, runId, steps, task, taskId } from './testing/commands';
import { given } from './testing/specification';
import { pendingInputs, timersOf } from './timers';

it('a task and its job began with the first run, however many follow', () => {
  const { scenario } = given(create(task(1)), after(5, claim(1, 1)), after(9, fail(1, 1, 'ENGINE_CRASHED')), after(20, claim(1, 2, { attempt: 2 })), after(30, finish(1, 2)));
  expect([scenario.task(1).startedAt, scenario.job.startedAt]).toEqual(['2026-01-01T00:00:00.005Z', '2026-01-01T00:00:00.005Z']);
  expect([scenario.task(1).endedAt, scenario.job.endedAt]).toEqual(['2026-01-01T00:00:00.030Z', '2026-01-01T00:00:00.030Z']);
});

it('files between two steps are held as such, and the inputs no more', () => {
  const { scenario } = given(create(content(1), task(2, { inputs: [1], steps: steps('a', 'b') })));
  const input = { blob: file(taskId(1), runId(901)).blob, task: taskId(2), role: 'input' };
  expect(referencesOf(scenario.job)).toContainEqual(input);
  scenario.run(claim(2, 1));
  scenario.run(finish(2, 1));
  expect(referencesOf(scenario.job)).toContainEqual({ blob: file(taskId(2), runId(1)).blob, task: taskId(2), role: 'step' });
  expect(referencesOf(scenario.job)).not.toContainEqual(input);
});

it('a foreign input is looked after only while some task waits for it', () => {
  const { scenario } = given(createJob([task(1, { inputs: [foreignId(1)] }), task(2)], { foreign: [foreign(1, 'pending')] }));
  expect([pendingInputs(scenario.job), timersOf(scenario.job, DEFAULT_RULES).map(({ kind }) => kind)]).toEqual([[foreignId(1)], ['queue', 'foreign']]);
  scenario.run(cancel(1));
  expect([pendingInputs(scenario.job), timersOf(scenario.job, DEFAULT_RULES).map(({ kind }) => kind)]).toEqual([[], ['queue']]);
});
