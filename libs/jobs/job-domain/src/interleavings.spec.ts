import fc from 'fast-check';
import { evolve, fold } from './evolve';
import { hasEnded, tasksOf } from './state';
import type { RoutePlanner } from './route';
import { cancel, claim, deleteJob, deleteTask, fail, finish, foreignId, resolve, STREAM, steps, taskId, timer, uploaded } from './testing/commands';
import { creation, type Shape, World } from './testing/world';

const shape: fc.Arbitrary<Shape> = fc.record({
  kind: fc.constantFrom('one' as const, 'one' as const, 'two' as const, 'upload' as const, 'content' as const),
  inputs: fc.array(fc.nat(), { maxLength: 3 }),
  foreign: fc.array(fc.nat({ max: 1 }), { maxLength: 1 }),
  ignoreError: fc.boolean(),
});
const shapes = fc.array(shape, { minLength: 1, maxLength: 7 });
const order = fc.array(fc.nat({ max: 100 }), { maxLength: 7 });
const kind = fc.constantFrom('job' as const, 'job' as const, 'task' as const);

const action = fc.record({
  what: fc.constantFrom('claim', 'claim', 'claim', 'finish', 'finish', 'finish', 'empty', 'crash', 'lose', 'fail', 'timer', 'upload', 'resolve', 'cancel', 'delete', 'stale', 'job'),
  task: fc.nat({ max: 6 }),
  choice: fc.nat({ max: 9 }),
  passed: fc.nat({ max: 120_000 }),
});
/** Routes by the number of files: one file changes the engine, two take a detour, five are too many. */
const byCount: RoutePlanner = ({ steps: planned, files }) => {
  if (files.length === 1) return { steps: steps('other') };
  if (files.length === 2) return { steps: [...steps('detour'), ...planned] };
  return files.length === 5 ? { code: 'INVALID_INPUT', message: 'five files' } : { steps: planned };
};

type Action = { what: string; task: number; choice: number; passed: number };

/** Does `act` to the job, whether it fits its state or not. */
function perform(world: World, { what, task: n, choice, passed }: Action): void {
  world.pass(passed);
  const state = world.job.tasks[taskId(n)];
  if (what === 'timer') return world.open || choice > 7 ? world.fireNextIfAny() : undefined;
  if (what === 'stale') {
    const stale = [claim(n, 1), claim(n, 1, { attempt: 2 }), claim(n, 77, { step: 1 }), finish(n, 1), fail(n, 2, 'ENGINE_CRASHED'), timer('lease', n, 1), timer('timeout', n, 2), timer('queue', n), timer('upload', n), timer('retention', null)];
    return void world.give(stale[choice]!);
  }
  if (what === 'job') return choice === 0 ? void world.give(deleteJob()) : undefined;
  if (what === 'resolve') return void world.give(resolve(choice % 2, choice > 3 ? 'finished' : 'failed'));
  if (!state) return;
  if (what === 'cancel') return choice < 3 ? void world.give(cancel(n)) : undefined;
  if (what === 'delete') return choice < 2 || hasEnded(state) ? void world.give(deleteTask(n)) : undefined;
  if (what === 'upload') return world.upload(n);
  if (what === 'claim') return state.phase === 'queued' ? world.claim(state) : undefined;
  if (state.phase !== 'running') return;
  if (what === 'finish' || what === 'empty') return world.finish(state, what === 'finish');
  world.fail(state, what === 'crash' ? 'ENGINE_CRASHED' : what === 'lose' ? 'WORKER_LOST' : 'INVALID_INPUT');
}

/** Ends a job by its timers alone. */
function runOut(world: World): void {
  // Twenty losses, three attempts and two steps a task, and its ends: far fewer than this.
  for (let fired = 0; world.open; fired += 1) {
    if (fired > 500) throw new Error('the timers do not end the job');
    world.fireNextIfAny();
  }
}

describe('any interleaving of commands', () => {
  // The scenario checks after each command: purity, schemas, sizes, the fold, one terminal event, timers of every state, references.
  it('keeps every invariant, and is ended by timers alone', () => {
    fc.assert(
      fc.property(shapes, order, kind, fc.array(action, { maxLength: 40 }), (graph, shuffle, of, actions) => {
        const world = new World(creation(graph, shuffle, of), byCount);
        for (const act of actions) perform(world, act);
        runOut(world);
        expect(world.scenario.log.filter(({ terminal }) => terminal)).toHaveLength(1);
        if (!world.job.deleted) expect(tasksOf(world.job).every(hasEnded)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('folds to the same state from any point of the log', () => {
    fc.assert(
      fc.property(shapes, order, fc.array(action, { maxLength: 30 }), fc.nat(), (graph, shuffle, actions, cut) => {
        const world = new World(creation(graph, shuffle), byCount);
        for (const act of actions) perform(world, act);
        const { log, state } = world.scenario;
        const at = cut % (log.length + 1);
        const stored = JSON.parse(JSON.stringify(log)) as typeof log;
        expect(fold(STREAM, stored.slice(at), fold(STREAM, stored.slice(0, at)))).toEqual(state);
      }),
      { numRuns: 100 },
    );
  });

  it('after its deletion changes nothing', () => {
    fc.assert(
      fc.property(shapes, order, fc.array(action, { maxLength: 20 }), fc.array(action, { maxLength: 20 }), (graph, shuffle, before, later) => {
        const world = new World(creation(graph, shuffle), byCount);
        for (const act of before) perform(world, act);
        world.give(deleteJob());
        const length = world.scenario.log.length;
        for (const act of later) perform(world, act);
        expect(world.scenario.log).toHaveLength(length);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the order of completions', () => {
  type Fate = 'done' | 'empty' | 'bad' | 'crash' | 'flaky' | 'lost';
  const fates = fc.array(fc.constantFrom<Fate>('done', 'done', 'done', 'empty', 'bad', 'crash', 'flaky', 'lost'), { minLength: 7, maxLength: 7 });

  /** Runs a job to its end; `picks` decides who is next. What becomes of each task is fixed by its fate. */
  function complete(graph: Shape[], shuffle: number[], ends: Fate[], foreignEnds: boolean[], picks: number[]): unknown {
    const world = new World(creation(graph, shuffle), byCount);
    for (let turn = 0; world.open; turn += 1) {
      const pending = world.pending();
      if (pending.length === 0) throw new Error('nobody can bring the job on');
      const next = pending[(picks[turn % picks.length] ?? 0) % pending.length]!;
      if ('input' in next) {
        const n = next.input === foreignId(0) ? 0 : 1;
        world.give(resolve(n, foreignEnds[n] ? 'finished' : 'failed'));
        continue;
      }
      const { task } = next;
      const n = graph.findIndex((_, i) => taskId(i) === task.id);
      const fate = ends[n]!;
      if (task.phase === 'queued') world.claim(task);
      else if (task.phase === 'uploading') world.give(fate === 'bad' ? cancel(n) : uploaded(n, 100 + n));
      else if (fate === 'bad') world.fail(task, 'INVALID_INPUT');
      else if (fate === 'crash' || (fate === 'flaky' && task.attempt < 3)) world.fail(task, 'ENGINE_CRASHED');
      else if (fate === 'lost' && task.losses < 2) world.fail(task, 'WORKER_LOST');
      else world.finish(task, fate !== 'empty');
    }
    const { job } = world;
    return { outcome: job.outcome, tasks: tasksOf(job).map(({ id, phase, code, attempt, losses, files, steps: taken }) => ({ id, phase, code, attempt, losses, files: files.length, taken })) };
  }

  it('never changes the outcome, nor the route of any task', () => {
    const picks = fc.array(fc.nat({ max: 50 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(shapes, order, fates, fc.tuple(fc.boolean(), fc.boolean()), picks, picks, (graph, shuffle, ends, foreignEnds, one, other) => {
        expect(complete(graph, shuffle, ends, foreignEnds, one)).toEqual(complete(graph, shuffle, ends, foreignEnds, other));
      }),
      { numRuns: 200 },
    );
  });
});

describe('a broken log', () => {
  const at = '2026-01-01T00:00:00.000Z';

  it('is noticed', () => {
    const { job } = new World(creation([{ kind: 'one', inputs: [], foreign: [], ignoreError: false }], []));
    expect(() => evolve(null, { type: 'JobFinished', data: { at } }, STREAM)).toThrow('does not begin with JobCreated');
    expect(() => evolve(job, { type: 'TaskDeleted', data: { at, task: taskId(9) } }, STREAM)).toThrow('has no task');
    expect(() => evolve(job, { type: 'JobCreated', data: { at, kind: 'job', account: 1, apiKey: null, tag: null, webhookUrl: null, region: 'r', priority: 0, retryOfJob: null, trace: null, tasks: [] } }, STREAM)).toThrow('created twice');
  });
});
