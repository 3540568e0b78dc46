import type { Command, TaskPlan } from '../command';
import type { RoutePlanner } from '../route';
import { DEFAULT_RULES } from '../rules';
import { type TaskState, tasksOf } from '../state';
import { pendingInputs, timersOf } from '../timers';
import { claim, content, createJob, fail, file, finish, foreign, foreignId, START, steps, task, upload, uploaded } from './commands';
import { Scenario } from './specification';

/** One task of a random graph: its inputs are picks among the tasks before it, and among two foreign ones. */
export interface Shape {
  readonly kind: 'one' | 'two' | 'upload' | 'content';
  readonly inputs: readonly number[];
  readonly foreign: readonly number[];
  readonly ignoreError: boolean;
}

/** The creation of a random graph; `order` shuffles the tasks, so that inputs may stand behind those who take them. */
export function creation(shapes: readonly Shape[], order: readonly number[], kind: 'job' | 'task' = 'job'): Command {
  const plans = shapes.map((shape, n): TaskPlan => {
    const worked = shape.kind === 'one' || shape.kind === 'two';
    const inputs = worked ? [...shape.inputs.filter(() => n > 0).map((input) => input % n), ...shape.foreign.map(foreignId)] : [];
    const make = shape.kind === 'upload' ? upload : shape.kind === 'content' ? content : task;
    return make(n, { inputs, ignoreError: shape.ignoreError, ...(shape.kind === 'two' && { steps: steps('a', 'b') }) });
  });
  const shuffled = plans.map((plan, i) => ({ plan, key: order[i] ?? i })).sort((a, b) => a.key - b.key);
  const used = new Set(shapes.flatMap((shape) => shape.foreign));
  return createJob(shuffled.map(({ plan }) => plan), { kind, foreign: [...used].map((n) => foreign(n, 'pending')) });
}

/** A stream on a clock that only goes on. */
export class World {
  readonly scenario: Scenario;
  private ms = 0;
  private runs = 0;

  constructor(create: Command, route?: RoutePlanner) {
    this.scenario = new Scenario(route);
    this.give(create);
  }

  get job() {
    return this.scenario.job;
  }

  get open(): boolean {
    return this.job.outcome === 'open' && !this.job.deleted;
  }

  give(command: Command): ReturnType<Scenario['attempt']> {
    return this.scenario.attempt({ ...command, now: new Date(Date.parse(START) + this.ms).toISOString() });
  }

  pass(ms: number): void {
    this.ms += ms;
  }

  /** Claims a queued task, after its backoff. */
  claim(state: TaskState): void {
    if (state.notBefore !== null) this.ms = Math.max(this.ms, Date.parse(state.notBefore) - Date.parse(START));
    this.give(claim(0, this.nextRun(), { task: state.id, step: state.step, attempt: state.attempt, losses: state.losses }));
  }

  finish(state: TaskState, named = true): void {
    this.give({ ...finish(0, 0, { files: named ? [file(state.id, state.run!)] : [] }), task: state.id, run: state.run! });
  }

  fail(state: TaskState, code: 'ENGINE_CRASHED' | 'INVALID_INPUT' | 'WORKER_LOST'): void {
    this.give({ ...fail(0, 0, code), task: state.id, run: state.run! });
  }

  upload(n: number): void {
    this.give(uploaded(n, this.nextRun()));
  }

  /** Lets the next timer of the state come due and fires it; a foreign input is found failed. Nothing where no timer is set. */
  fireNextIfAny(): void {
    const [next] = timersOf(this.job, DEFAULT_RULES).sort((a, b) => Date.parse(a.dueAt) - Date.parse(b.dueAt));
    if (!next) return;
    this.ms = Math.max(this.ms, Date.parse(next.dueAt) - Date.parse(START));
    if (next.kind === 'foreign') this.give({ type: 'InputResolved', now: START, input: next.task!, outcome: 'failed', files: [] });
    else this.give({ type: 'TimerFired', now: START, timer: next.kind, task: next.task, run: next.run });
  }

  /** What somebody outside can do now to bring the job on. */
  pending(): ({ readonly task: TaskState } | { readonly input: string })[] {
    const acting = tasksOf(this.job).filter(({ phase }) => phase === 'queued' || phase === 'running' || phase === 'uploading');
    return [...acting.map((state) => ({ task: state })), ...pendingInputs(this.job).map((input) => ({ input }))];
  }

  private nextRun(): number {
    this.runs += 1;
    return this.runs;
  }
}
