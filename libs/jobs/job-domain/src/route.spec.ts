import { DEFAULT_RULES, fold } from '.';
import { decideWith } from './decide';
import { evolve } from './evolve';
import { type RoutePlanner, sameSteps } from './route';
import { cancel, claim, create, createJob, fail, file, finish, foreign, foreignId, resolve, runId, steps, STREAM, task, taskId, upload, uploaded } from './testing/commands';
import { given, givenRoutes } from './testing/specification';

/** By the type of the first file: text goes to another engine, film takes two, sound is refused; all else is left as planned. */
const byType: RoutePlanner = ({ steps: planned, files: [first] }) => {
  if (first?.type === 'txt') return { steps: steps('office') };
  if (first?.type === 'mp4') return { steps: [{ engine: 'film', version: 'any', set: { b: 1, a: null } }, ...steps('fault')] };
  if (first?.type === 'mp3') return { code: 'INVALID_INPUT', message: 'mp3 has no picture\0' };
  return { steps: planned };
};
const shown = (type?: string) => finish(1, 1, { files: [file(taskId(1), runId(1), 'a', type === undefined ? {} : { type })] });
const waiting = [create(task(1), task(2, { inputs: [1] })), claim(1, 1)];

describe('a task whose inputs are there', () => {
  it('keeps its steps where the planner has no others', () => {
    givenRoutes(byType, ...waiting).when(shown('png')).then('FilesStored', 'TaskFinished', ['TaskQueued', { engine: 'fault' }]);
  });

  it('is routed by what they are', () => {
    const scenario = givenRoutes(byType, ...waiting).when(shown('txt')).then('FilesStored', 'TaskFinished', ['TaskRouted', { task: taskId(2), steps: steps('office') }], ['TaskQueued', { step: 0, engine: 'office' }]);
    expect(scenario.task(2)).toMatchObject({ steps: steps('office'), engine: 'office', phase: 'queued' });
  });

  it('takes all steps of its route', () => {
    const scenario = givenRoutes(byType, ...waiting, shown('mp4'), claim(2, 2)).when(finish(2, 2)).then('FilesStored', ['TaskQueued', { step: 1, engine: 'fault' }]);
    scenario.run(claim(2, 3, { step: 1 }));
    expect(scenario.run(finish(2, 3)).map(({ type }) => type)).toEqual(['FilesStored', 'TaskFinished', 'JobFinished']);
  });

  it('fails where they fit no route, and what waits for it fails too', () => {
    const scenario = givenRoutes(byType, create(task(1), task(2, { inputs: [1] }), task(3, { inputs: [2] })), claim(1, 1))
      .when(shown('mp3'))
      .then('FilesStored', 'TaskFinished', ['TaskFailed', { task: taskId(2), code: 'INVALID_INPUT', message: 'mp3 has no picture\ufffd' }], ['TaskFailed', { task: taskId(3), code: 'INPUT_TASK_FAILED' }], 'JobFailed');
    expect(scenario.task(2).startedAt).toBeNull();
  });

  it('is routed at once by a foreign input that ended before, later by one that ends later, and by an upload', () => {
    const list = [file(foreignId(1), runId(800), 'a', { type: 'txt' })];
    const take = task(1, { inputs: [foreignId(1)] });
    givenRoutes(byType).when(createJob([take], { foreign: [foreign(1, 'finished', list)] })).then('JobCreated', 'TaskDefined', 'InputResolved', 'TaskRouted', 'TaskQueued');
    givenRoutes(byType, createJob([take], { foreign: [foreign(1, 'pending')] })).when(resolve(1, 'finished', list)).then('InputResolved', 'TaskRouted', 'TaskQueued');
    givenRoutes(() => ({ steps: steps('x') }), create(upload(1), task(2, { inputs: [1] }))).when(uploaded(1, 1)).then('FilesStored', 'TaskFinished', 'TaskRouted', 'TaskQueued');
  });

  it('is not routed again by a retry of its engine', () => {
    const asked: string[] = [];
    const counting: RoutePlanner = (request) => (asked.push(request.operation), byType(request));
    const { scenario } = givenRoutes(counting, ...waiting, shown('txt'), claim(2, 2));
    asked.length = 0;
    expect(scenario.run(fail(2, 2, 'ENGINE_CRASHED')).map(({ type }) => type)).toEqual(['AttemptFailed', 'TaskQueued']);
    expect([asked, scenario.task(2).engine]).toEqual([[], 'office']);
  });

  it('is not routed when it was cancelled before', () => {
    const routes = jest.fn(byType);
    const { scenario } = givenRoutes(routes, ...waiting, cancel(2));
    routes.mockClear();
    scenario.run(shown('txt'));
    expect([scenario.task(2).phase, routes.mock.calls]).toEqual(['cancelled', []]);
  });
});

it('asks with the files of all inputs, in the order of the inputs', () => {
  const asked: (string | undefined)[][] = [];
  const route: RoutePlanner = (request) => (asked.push(request.files.map(({ name }) => name)), { steps: request.steps });
  const named = (n: number) => finish(n, n, { files: [file(taskId(n), runId(n), `${n}.png`)] });
  givenRoutes(route, create(task(3, { inputs: [2, 1] }), task(1), task(2)), claim(1, 1), claim(2, 2), named(1), named(2));
  expect(asked.at(-1)).toEqual(['2.png', '1.png']);
});

it('a log written before tasks were routed folds as it did', () => {
  const { scenario } = given(...waiting, shown('txt'));
  expect(scenario.log.map(({ type }) => type)).not.toContain('TaskRouted');
  expect(fold(STREAM, scenario.log)).toMatchObject({ tasks: { [taskId(2)]: { steps: steps('fault'), engine: 'fault' } } });
  // And goes on under today's planner as it began.
  const { events } = decideWith(byType)(scenario.state, { ...claim(2, 2) }, STREAM, DEFAULT_RULES);
  expect(evolve(scenario.state, events[0]!, STREAM).tasks[taskId(2)]).toMatchObject({ phase: 'running', engine: 'fault' });
});

it('tells steps apart by all they say, and not by the order of options', () => {
  const step = { engine: 'a', version: 'any' };
  expect(sameSteps([{ ...step, set: { x: 1, y: null } }], [{ ...step, set: { y: null, x: 1 } }])).toBe(true);
  for (const other of [{ ...step, engine: 'b' }, { ...step, version: '1' }, { ...step, operation: 'o' }, { ...step, set: { x: null } }]) expect(sameSteps([step], [other])).toBe(false);
  expect(sameSteps([step], [step, step])).toBe(false);
});
