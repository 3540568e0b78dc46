import { referencesOf } from './references';
import { after, cancel, claim, content, create, createJob, deleteJob, deleteTask, fail, file, files, finish, foreign, foreignId, resolve, runId, steps, task, taskId, timer, upload, uploaded } from './testing/commands';
import { given } from './testing/specification';

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** Commands that bring task 1 into each phase; task 2 waits for it. */
const next = task(2, { inputs: [1] });
const phases = {
  waiting: [createJob([task(1, { inputs: [foreignId(1)] }), next], { foreign: [foreign(1, 'pending')] })],
  uploading: [create(upload(1), next)],
  queued: [create(task(1), next)],
  running: [create(task(1), next), claim(1, 1)],
  'between two runs': [create(task(1), next), claim(1, 1), fail(1, 1, 'WORKER_LOST')],
  'between two steps': [create(task(1, { steps: steps('a', 'b') }), next), claim(1, 1), finish(1, 1)],
};
const ended = {
  finished: [create(task(1), task(2)), claim(1, 1), finish(1, 1)],
  failed: [create(task(1), task(2)), claim(1, 1), fail(1, 1, 'INVALID_INPUT')],
  cancelled: [create(task(1), task(2)), cancel(1)],
};

describe.each(Object.entries(phases))('a task that is %s', (_phase, commands) => {
  it('can be cancelled, and what waited for it fails', () => {
    given(...commands).when(cancel(1)).then('TaskCancelled', ['TaskFailed', { task: taskId(2), code: 'INPUT_TASK_FAILED' }], 'JobFailed');
  });

  it('can be deleted', () => {
    const job = given(...commands).when(deleteTask(1)).then('TaskCancelled', 'TaskDeleted', ['TaskFailed', { code: 'INPUT_TASK_FAILED' }], 'JobFailed');
    expect(job.attempt(deleteTask(1))).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('goes with its job', () => {
    const job = given(...commands).scenario;
    expect(job.run(deleteJob()).map(({ type, terminal }) => [type, terminal])).toEqual([['JobDeleted', true]]);
    for (const command of [cancel(1), deleteTask(1), deleteJob(), uploaded(1, 5)]) expect(job.attempt(command)).toMatchObject({ code: 'NOT_FOUND' });
    for (const command of [claim(1, 5), finish(1, 1), resolve(1, 'finished'), after(99 * HOUR, timer('queue', 1)), after(99 * HOUR, timer('retention', null))]) expect(job.run(command)).toEqual([]);
  });

  it('outlives timers that are not its own', () => {
    for (const kind of ['upload', 'queue', 'lease', 'timeout'] as const) {
      for (const run of [null, 7]) {
        const { scenario } = given(...commands);
        const own = (kind === 'upload' && scenario.task(1).phase === 'uploading') || (kind === 'queue' && scenario.task(1).phase === 'queued');
        if (!own || run !== null) expect(scenario.run(after(99 * HOUR, timer(kind, 1, run)))).toEqual([]);
      }
    }
  });
});

describe.each(Object.entries(ended))('a task that has %s', (phase, commands) => {
  it('cannot be cancelled or uploaded to, but deleted', () => {
    given(...commands).when(cancel(1)).refused('INVALID_DATA', { status: ['Cannot change status: task already completed.'] });
    given(...commands).when(uploaded(1, 9)).refused(phase === 'finished' ? 'CONFLICT' : 'GONE');
    const job = given(...commands).when(deleteTask(1)).then('TaskDeleted');
    expect(referencesOf(job.job)).toEqual([]);
  });

  it('is touched by no timer', () => {
    for (const kind of ['upload', 'queue', 'lease', 'timeout'] as const) given(...commands).when(after(99 * HOUR, timer(kind, 1, 1))).then();
  });
});

describe('commands for what is not there', () => {
  it.each([cancel(9), deleteTask(9), uploaded(9, 1), { ...cancel(1), task: 'constructor' }, { ...deleteTask(1), task: '__proto__' }])('%j', (command) => {
    given(create(task(1))).when(command).refused('NOT_FOUND');
    given().when(command).refused('NOT_FOUND');
  });

  it('changes nothing when it is a notice', () => {
    for (const command of [resolve(9, 'finished'), { ...resolve(1, 'finished'), input: 'constructor' }, timer('lease', 9, 1), timer('retention', null)]) {
      given(create(task(1))).when(command).then();
      given().when(command).then();
    }
    given().when(deleteJob()).refused('NOT_FOUND');
  });
});

describe('an upload', () => {
  const waiting = create(upload(1), next);

  it('is taken once: the first commit wins', () => {
    const job = given(waiting).when(uploaded(1, 1)).then('FilesStored', 'TaskFinished', ['TaskQueued', { task: taskId(2) }]);
    expect(job.attempt(uploaded(1, 2))).toMatchObject({ code: 'CONFLICT' });
    expect(job.task(1).files).toEqual([file(taskId(1), runId(1))]);
  });

  it('expires after six hours', () => {
    given(waiting).when(after(6 * HOUR - 1, timer('upload', 1))).then();
    const job = given(waiting).when(after(6 * HOUR, timer('upload', 1))).then(['TaskFailed', { task: taskId(1), code: 'UPLOAD_EXPIRED' }], 'TaskFailed', 'JobFailed');
    expect(job.attempt(uploaded(1, 1))).toMatchObject({ code: 'GONE' });
  });

  // The sweeper may be an hour behind; a file that came too late was taken all the same.
  it('is late when its time is over, whether the timer has fired or not', () => {
    given(waiting).when(after(6 * HOUR, uploaded(1, 1))).refused('GONE');
    given(waiting).when(after(6 * HOUR - 1, uploaded(1, 1))).then('FilesStored', 'TaskFinished', 'TaskQueued');
  });

  it('is refused where none is waited for', () => {
    given(create(task(1))).when(uploaded(1, 1)).refused('GONE');
  });
});

describe('timers', () => {
  it('of a queue end the task as ENGINE_UNAVAILABLE', () => {
    given(create(task(1))).when(after(15 * MINUTE, timer('queue', 1))).then(['TaskFailed', { code: 'ENGINE_UNAVAILABLE', message: 'No worker for the engine fault is available' }], 'JobFailed');
    const old = create(task(1, { steps: [{ engine: 'fault', version: '0.9' }] }));
    given(old).when(after(15 * MINUTE, timer('queue', 1))).then(['TaskFailed', { message: 'No worker for the engine fault in version 0.9 is available' }], 'JobFailed');
  });

  // It was found due, then the task was claimed, lost and queued anew before it fired.
  it('of an earlier stay in the queue end nothing', () => {
    const again = [create(task(1)), after(14 * MINUTE, claim(1, 1)), after(14 * MINUTE + 30_000, timer('lease', 1, 1))];
    given(...again).when(after(15 * MINUTE, timer('queue', 1))).then();
    given(...again).when(after(30 * MINUTE, timer('queue', 1))).then('TaskFailed', 'JobFailed');
  });

  it('of a deadline end the task, not those of an earlier run', () => {
    const running = [create(task(1)), claim(1, 1)];
    given(...running).when(after(MINUTE - 1, timer('timeout', 1, 1))).then();
    given(...running).when(after(MINUTE, timer('timeout', 1, 1))).then(['TaskFailed', { code: 'TIMEOUT', message: 'The task did not finish within 60 seconds' }], 'JobFailed');
    const second = [...running, after(30_000, timer('lease', 1, 1)), after(40_000, claim(1, 2, { losses: 1 }))];
    given(...second).when(after(2 * MINUTE, timer('timeout', 1, 1))).then();
    given(...second).when(after(2 * MINUTE, timer('lease', 1, 1))).then();
    given(...second).when(after(2 * MINUTE, timer('lease', 1, 2))).then(['AttemptLost', { run: runId(2) }], ['TaskQueued', { losses: 2 }]);
  });

  it('of retention let the files go a day after the end, once', () => {
    const done = create(content(1));
    given(create(task(1))).when(after(99 * HOUR, timer('retention', null))).then();
    given(done).when(after(24 * HOUR - 1, timer('retention', null))).then();
    const job = given(done).when(after(24 * HOUR, timer('retention', null))).then('FilesExpired');
    expect(job.run(after(25 * HOUR, timer('retention', null)))).toEqual([]);
    for (const command of [cancel(1), deleteTask(1), deleteJob(), uploaded(1, 2)]) expect(job.attempt(command)).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('foreign inputs', () => {
  const waiting = createJob([task(1, { inputs: [foreignId(1), foreignId(2)] })], { foreign: [foreign(1, 'pending'), foreign(2, 'pending')] });

  it('are waited for, all of them, each once', () => {
    const list = files(101, foreignId(1), runId(3));
    const job = given(waiting).when(resolve(1, 'finished', list)).then(['InputResolved', { more: true }], ['InputResolved', { more: false }]);
    expect(job.run(resolve(1, 'failed'))).toEqual([]);
    expect(job.run(resolve(2, 'finished')).map(({ type }) => type)).toEqual(['InputResolved', 'TaskQueued']);
    expect(referencesOf(job.job).filter(({ role, task: holder }) => role === 'input' && holder === taskId(1))).toHaveLength(102);
  });

  it('that fail end the task, once the others are known as well', () => {
    const job = given(waiting).when(resolve(1, 'failed')).then('InputResolved');
    expect(job.run(resolve(2, 'finished')).map(({ type }) => type)).toEqual(['InputResolved', 'TaskFailed', 'JobFailed']);
  });
});

describe('ignore_error', () => {
  const broken = (more: object): ReturnType<typeof create> => create(task(1, { ignoreError: true }), content(3), task(2, { inputs: [1], ...more }));

  it('leaves a failed input out, if another gives files', () => {
    given(broken({ inputs: [1, 3] }), claim(1, 1)).when(fail(1, 1, 'INVALID_INPUT')).then('TaskFailed', ['TaskQueued', { task: taskId(2) }]);
  });

  it('does not run a task on nothing', () => {
    given(broken({}), claim(1, 1)).when(fail(1, 1, 'INVALID_INPUT')).then('TaskFailed', ['TaskFailed', { task: taskId(2), code: 'INPUT_TASK_FAILED' }], 'JobFailed');
  });

  it('lets the job finish, also over a cancelled task', () => {
    given(create(task(1, { ignoreError: true })), claim(1, 1)).when(fail(1, 1, 'INVALID_INPUT')).then('TaskFailed', 'JobFinished');
    given(create(task(1, { ignoreError: true }))).when(cancel(1)).then('TaskCancelled', 'JobFinished');
  });

  it('siblings of a failed task run on', () => {
    const job = given(create(task(1), task(2)), claim(1, 1)).when(fail(1, 1, 'INVALID_INPUT')).then('TaskFailed');
    job.run(claim(2, 2));
    expect(job.run(finish(2, 2)).map(({ type }) => type)).toEqual(['FilesStored', 'TaskFinished', 'JobFailed']);
  });
});

describe('deletion', () => {
  it('of an ended job is no second end', () => {
    const job = given(create(content(1))).scenario;
    expect(job.run(deleteJob()).map(({ type, terminal }) => [type, terminal])).toEqual([['JobDeleted', undefined]]);
  });

  it('of a standalone task takes its stream along', () => {
    const alone = createJob([task(1, { name: null })], { kind: 'task' });
    given(alone).when(deleteTask(1)).then('TaskCancelled', 'TaskDeleted', 'JobFailed', 'JobDeleted');
    given(alone, claim(1, 1), finish(1, 1)).when(deleteTask(1)).then('TaskDeleted', 'JobDeleted');
  });

  it('of a finished input leaves its files to those who still need them', () => {
    const job = given(create(content(1), task(2, { inputs: [1] }))).when(deleteTask(1)).then('TaskDeleted');
    expect(referencesOf(job.job)).toEqual([{ blob: file(taskId(1), runId(901)).blob, task: taskId(2), role: 'input' }]);
    job.run(claim(2, 1));
    job.run(finish(2, 1, { files: [file(taskId(1), runId(901))] }));
    expect(referencesOf(job.job)).toEqual([{ blob: file(taskId(1), runId(901)).blob, task: taskId(2), role: 'output' }]);
  });
});
