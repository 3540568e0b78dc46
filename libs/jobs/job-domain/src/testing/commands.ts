import type { FileRef, StepPlan } from '@millrace/contracts';
import type { ClaimTask, Command, CreateJob, ForeignOutcome, ReportTask, TaskPlan, TimerFired } from '../command';

/** The moment at which every scenario begins. */
export const START = '2026-01-01T00:00:00.000Z';

const uuid = (kind: number, n: number): string => `${kind.toString(16).padStart(8, '0')}-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

export const STREAM = uuid(0xa, 0);
/** The id of the n-th task of the stream. */
export const taskId = (n: number): string => uuid(1, n);
/** The id of the n-th run. */
export const runId = (n: number): string => uuid(2, n);
/** The id of the n-th task of another stream. */
export const foreignId = (n: number): string => uuid(3, n);

export const file = (task: string, run: string, name = 'out.png', more: Partial<FileRef> = {}): FileRef => ({ blob: `${task}/${run}/${name}`, name, size: 1, ...more });
export const files = (count: number, task: string, run: string): FileRef[] => Array.from({ length: count }, (_, i) => file(task, run, `${i}.png`));

export const steps = (...engines: string[]): StepPlan[] => engines.map((engine) => ({ engine, version: 'any' }));
const inputId = (input: number | string): string => (typeof input === 'number' ? taskId(input) : input);

type Plan = Omit<Partial<TaskPlan>, 'inputs'> & { readonly inputs?: readonly (number | string)[] };

/** A task of one step; `steps: []` makes it an upload. */
export const task = (n: number, { inputs = [], ...plan }: Plan = {}): TaskPlan => ({
  id: taskId(n),
  name: `task-${n}`,
  operation: 'fault',
  options: {},
  steps: steps('fault'),
  ignoreError: false,
  timeoutMs: 60_000,
  retryOf: null,
  inputs: inputs.map(inputId),
  ...plan,
});
export const upload = (n: number, plan: Plan = {}): TaskPlan => task(n, { operation: 'import/upload', steps: [], ...plan });

/** A task whose content came inside the request. */
export const content = (n: number, plan: Plan = {}): TaskPlan =>
  task(n, { operation: 'import/raw', steps: [], content: { run: runId(900 + n), files: [file(taskId(n), runId(900 + n))] }, ...plan });

export const foreign = (n: number, outcome: ForeignOutcome['outcome'], list?: FileRef[]): ForeignOutcome => ({
  task: foreignId(n),
  outcome,
  files: list ?? (outcome === 'finished' ? [file(foreignId(n), runId(800 + n))] : []),
});

export const createJob = (tasks: readonly TaskPlan[], more: Partial<CreateJob> = {}): CreateJob => ({
  type: 'CreateJob',
  now: START,
  kind: 'job',
  account: 7,
  apiKey: null,
  tag: null,
  webhookUrl: null,
  region: 'local',
  priority: 0,
  retryOfJob: null,
  trace: null,
  tasks,
  foreign: [],
  ...more,
});
export const create = (...tasks: TaskPlan[]): CreateJob => createJob(tasks);

export const claim = (n: number, run: number, more: Partial<ClaimTask> = {}): ClaimTask => ({
  type: 'ClaimTask',
  now: START,
  task: taskId(n),
  step: 0,
  attempt: 1,
  losses: 0,
  run: runId(run),
  worker: 'w',
  engineVersion: '1',
  ...more,
});

type Outcome = ReportTask['outcome'];
type Finished = Extract<Outcome, { status: 'finished' }>;
type Code = Extract<Outcome, { status: 'failed' }>['code'];

const report = (n: number, run: number, outcome: Outcome): ReportTask => ({ type: 'ReportTask', now: START, task: taskId(n), run: runId(run), outcome });
export const finish = (n: number, run: number, more: Partial<Finished> = {}): ReportTask =>
  report(n, run, { status: 'finished', files: [file(taskId(n), runId(run))], message: null, metadata: null, output: null, ...more });
export const fail = (n: number, run: number, code: Code, message = 'no'): ReportTask => report(n, run, { status: 'failed', code, message });

export const uploaded = (n: number, run: number): Command => ({ type: 'UploadReceived', now: START, task: taskId(n), run: runId(run), files: [file(taskId(n), runId(run))] });
export const resolve = (n: number, outcome: 'finished' | 'failed', list?: FileRef[]): Command => ({ type: 'InputResolved', now: START, input: foreignId(n), outcome, files: foreign(n, outcome, list).files });
export const cancel = (n: number): Command => ({ type: 'CancelTask', now: START, task: taskId(n) });
export const deleteTask = (n: number): Command => ({ type: 'DeleteTask', now: START, task: taskId(n) });
export const deleteJob = (): Command => ({ type: 'DeleteJob', now: START });
export const timer = (kind: TimerFired['timer'], n: number | null, run: number | null = null): TimerFired => ({
  type: 'TimerFired',
  now: START,
  timer: kind,
  task: n === null ? null : taskId(n),
  run: run === null ? null : runId(run),
});

/** `command`, decided `ms` after the start. */
export const after = <C extends Command>(ms: number, command: C): C => ({ ...command, now: new Date(Date.parse(START) + ms).toISOString() });
