import { claimVerdict, isCurrent, stoppedRuns } from './run';
import { after, cancel, claim, content, create, createJob, deleteJob, deleteTask, fail, file, files, finish, foreign, foreignId, runId, START, steps, task, taskId, timer } from './testing/commands';
import { given, type Scenario } from './testing/specification';

const one = create(task(1));
const running = [one, claim(1, 1)];
const MINUTE = 60_000;

describe('ClaimTask', () => {
  it('starts the run, with a lease and a deadline', () => {
    const job = given(one)
      .when(claim(1, 1))
      .then(['TaskStarted', { run: runId(1), leaseUntil: '2026-01-01T00:00:20.000Z', deadline: '2026-01-01T00:01:00.000Z', engineVersion: '1' }]);
    expect([job.job.startedAt, job.task(1).phase]).toEqual([START, 'running']);
  });

  it('is go again for the current run, and gone for every other', () => {
    const { scenario } = given(...running);
    expect(scenario.run(claim(1, 1))).toEqual([]);
    expect(scenario.run(claim(1, 2))).toEqual([]);
    expect([claimVerdict(scenario.state, claim(1, 1)), claimVerdict(scenario.state, claim(1, 2))]).toEqual(['again', 'gone']);
    expect([isCurrent(scenario.state, taskId(1), runId(1)), isCurrent(scenario.state, taskId(1), runId(2))]).toEqual([true, false]);
  });

  it.each([
    ['another step', claim(1, 1, { step: 1 })],
    ['another attempt', claim(1, 1, { attempt: 2 })],
    ['an earlier stay in the queue', claim(1, 1, { losses: 1 })],
    ['a task that waits', claim(2, 1)],
    ['a task of nobody', claim(9, 1)],
    ['a name of Object.prototype', claim(1, 1, { task: 'constructor' })],
  ])('is gone for %s', (_name, command) => {
    const { scenario } = given(create(task(1), task(2, { inputs: [1] })));
    expect([claimVerdict(scenario.state, command), scenario.run(command)]).toEqual(['gone', []]);
  });

  it('is gone without a job, and after the end in any form', () => {
    expect(claimVerdict(null, claim(1, 1))).toBe('gone');
    given().when(claim(1, 1)).then();
    for (const end of [finish(1, 1), fail(1, 1, 'INVALID_INPUT'), cancel(1), deleteTask(1), deleteJob()]) given(...running, end).when(claim(1, 1)).then();
  });
});

describe('ReportTask', () => {
  it('finishes the task, queues what waited for it, and ends the job with the last', () => {
    const job = given(create(task(1), task(2, { inputs: [1] })), claim(1, 1))
      .when(finish(1, 1, { message: 'm', output: 'o', metadata: { a: 1 } }))
      .then('FilesStored', ['TaskFinished', { message: 'm', output: 'o', metadata: { a: 1 } }], ['TaskQueued', { task: taskId(2) }]);
    job.run(claim(2, 2));
    expect(job.run(finish(2, 2, { files: [] })).map((event) => [event.type, event.terminal])).toEqual([['TaskFinished', undefined], ['JobFinished', true]]);
  });

  it('of a run that is not current appends nothing', () => {
    for (const command of [finish(1, 2), fail(1, 2, 'ENGINE_CRASHED'), finish(9, 1), { ...finish(1, 1), task: 'constructor' }]) given(...running).when(command).then();
    given(one).when(finish(1, 1)).then();
    given().when(finish(1, 1)).then();
    for (const end of [finish(1, 1), cancel(1), deleteTask(1), deleteJob(), after(MINUTE, timer('lease', 1, 1))]) given(...running, end).when(finish(1, 1)).then();
  });

  it('keeps files in events of a hundred', () => {
    const job = given(...running).when(finish(1, 1, { files: files(250, taskId(1), runId(1)) })).then('FilesStored', 'FilesStored', 'FilesStored', 'TaskFinished', 'JobFinished');
    expect(job.task(1).files).toHaveLength(250);
  });

  // A hundred files with names of three bytes a character made an event of 130 KB.
  it('keeps files with long names in events of 64 KB', () => {
    const list = files(100, taskId(1), runId(1)).map((ref, i) => ({ ...ref, blob: `${ref.blob}${'界'.repeat(250)}`, name: `${i}${'界'.repeat(250)}` }));
    const job = given(...running).when(finish(1, 1, { files: list })).then('FilesStored', 'FilesStored', 'FilesStored', 'TaskFinished', 'JobFinished');
    expect(job.task(1).files).toEqual(list);
  });

  it('fails the task when its facts fit no event, instead of being repeated for ever', () => {
    for (const facts of [{ output: '\u0001'.repeat(16_000) }, { metadata: { a: 'x'.repeat(70_000) } }, { files: [file(taskId(1), runId(1), 'a', { mime: 'x'.repeat(70_000) })] }]) {
      given(...running).when(finish(1, 1, facts)).then(['TaskFailed', { code: 'LIMIT_EXCEEDED' }], 'JobFailed');
    }
  });

  it('replaces what jsonb cannot keep in the words of a program', () => {
    const job = given(...running)
      .when(finish(1, 1, { output: 'a\0b\ud800', message: '\udc00', metadata: { 'k\0': 'v\0', n: 1 }, files: [file(taskId(1), runId(1), 'a', { name: 'x\0.png' })] }))
      .then('FilesStored', ['TaskFinished', { output: 'a\ufffdb\ufffd', message: '\ufffd', metadata: { 'k\ufffd': 'v\ufffd', n: 1 } }], 'JobFinished');
    expect(job.task(1).files[0]!.name).toBe('x\ufffd.png');
    given(...running).when(fail(1, 1, 'INVALID_INPUT', '😀'.slice(0, 1))).then(['TaskFailed', { message: '\ufffd' }], 'JobFailed');
  });

  it.each([
    ['of another task', file(taskId(2), runId(1))],
    ['of another run', file(taskId(1), runId(2))],
    ['above its folder', file(taskId(1), runId(1), '../../x')],
    ['with an empty segment', file(taskId(1), runId(1), 'a//b')],
    ['of no name', file(taskId(1), runId(1), '')],
    ['that jsonb cannot keep', file(taskId(1), runId(1), 'a\0')],
  ])('may not name a blob %s', (_name, ref) => {
    given(create(task(1), task(2)), claim(1, 1), claim(2, 2)).when(finish(1, 1, { files: [ref] })).refused('FORBIDDEN');
  });

  it('may name what it was lent: inputs of this stream and of others', () => {
    const ours = file(taskId(1), runId(901));
    const theirs = file(foreignId(1), runId(801));
    given(createJob([content(1), task(2, { inputs: [1, foreignId(1)] })], { foreign: [foreign(1, 'finished')] }), claim(2, 1))
      .when(finish(2, 1, { files: [ours, theirs] }))
      .then('FilesStored', 'TaskFinished', 'JobFinished');
  });
});

describe('two steps', () => {
  const created = create(task(1, { steps: steps('a', 'b') }));
  const middle = [created, claim(1, 1), finish(1, 1)];

  it('go from engine to engine, the files of the first being the input of the second', () => {
    const job = given(created, claim(1, 1)).when(finish(1, 1)).then('FilesStored', ['TaskQueued', { step: 1, attempt: 1, engine: 'b' }]);
    expect([job.task(1).files, job.task(1).engineVersion, job.task(1).worker]).toEqual([[file(taskId(1), runId(1))], null, null]);
    job.run(claim(1, 2, { step: 1 }));
    job.run(finish(1, 2));
    expect([job.task(1).files, job.job.outcome]).toEqual([[file(taskId(1), runId(2))], 'finished']);
  });

  it('may end with files of the first', () => {
    given(...middle, claim(1, 2, { step: 1 })).when(finish(1, 2, { files: [file(taskId(1), runId(1))] })).then('FilesStored', 'TaskFinished', 'JobFinished');
  });

  it('are claimed as the step they stand at, and keep their files over a crash and a loss', () => {
    given(...middle).when(claim(1, 2)).then();
    const job = given(...middle, claim(1, 2, { step: 1 }))
      .when(fail(1, 2, 'ENGINE_CRASHED'))
      .then(['AttemptFailed', { step: 1 }], ['TaskQueued', { step: 1, attempt: 2 }]);
    job.run(claim(1, 3, { step: 1, attempt: 2 }));
    job.run(after(MINUTE / 2, timer('lease', 1, 3)));
    expect(job.task(1)).toMatchObject({ phase: 'queued', step: 1, attempt: 2, losses: 1, files: [file(taskId(1), runId(1))] });
  });
});

describe('retries', () => {
  it('after a crash of the engine: twice, then the task ends with its code', () => {
    const job = given(...running).when(fail(1, 1, 'ENGINE_CRASHED', 'boom')).then(['AttemptFailed', { attempt: 1, code: 'ENGINE_CRASHED' }], ['TaskQueued', { attempt: 2, notBefore: null }]);
    job.run(claim(1, 2, { attempt: 2 }));
    job.run(fail(1, 2, 'ENGINE_CRASHED'));
    job.run(claim(1, 3, { attempt: 3 }));
    expect(job.run(fail(1, 3, 'ENGINE_CRASHED', 'boom')).map(({ type, data }) => [type, 'code' in data && data.code])).toEqual([['TaskFailed', 'ENGINE_CRASHED'], ['JobFailed', false]]);
  });

  it.each(['INVALID_INPUT', 'LIMIT_EXCEEDED', 'TIMEOUT', 'DOWNLOAD_FAILED', 'FORBIDDEN'] as const)('never after %s', (code) => {
    given(...running).when(fail(1, 1, code, 'why')).then(['TaskFailed', { code, message: 'why' }], 'JobFailed');
  });

  it('after a loss: with backoff, without burning an attempt', () => {
    const job = given(...running)
      .when(after(30_000, timer('lease', 1, 1)))
      .then(['AttemptLost', { run: runId(1), reason: 'LEASE_EXPIRED' }], ['TaskQueued', { attempt: 1, losses: 1, notBefore: '2026-01-01T00:00:31.000Z' }]);
    expect(job.run(after(30_999, claim(1, 2, { losses: 1 })))).toEqual([]);
    expect(job.run(after(31_000, claim(1, 2, { losses: 1 })))).toHaveLength(1);
  });

  /** Loses `count` runs by reports, each claimed after its backoff. */
  const lose = (job: Scenario, count: number, code: 'WORKER_LOST' | 'BLOB_NOT_FOUND', attempt = 1): void => {
    for (let i = 0; i < count; i += 1) {
      const at = Date.parse(job.task(1).notBefore ?? START) - Date.parse(START);
      const run = job.log.length + 10;
      job.run(after(at, claim(1, run, { attempt, losses: job.task(1).losses })));
      job.run(after(at, fail(1, run, code, 'gone')));
    }
  };

  it('twenty losses end it, with the code of the last', () => {
    const job = given(one).scenario;
    lose(job, 19, 'WORKER_LOST');
    expect(job.task(1)).toMatchObject({ phase: 'queued', losses: 19, attempt: 1 });
    lose(job, 1, 'BLOB_NOT_FOUND');
    expect(job.task(1)).toMatchObject({ phase: 'failed', code: 'BLOB_NOT_FOUND', message: 'gone' });
  });

  it('leases that ran out twenty times end it as WORKER_LOST', () => {
    const { scenario } = given(...running);
    for (let i = 1; i <= 20; i += 1) {
      scenario.run(after(i * 3 * MINUTE, timer('lease', 1, i)));
      scenario.run(after(i * 3 * MINUTE + MINUTE, claim(1, i + 1, { losses: scenario.task(1).losses })));
    }
    expect(scenario.task(1)).toMatchObject({ code: 'WORKER_LOST', message: 'The task lost its worker 20 times' });
  });

  // Losses were forgotten with each crash and each step, so that a task could lose 120 processes, and the neighbours of each.
  it('losses are counted over the whole task: a crash and a step forget none', () => {
    const crashed = given(one).scenario;
    lose(crashed, 2, 'WORKER_LOST');
    crashed.run(after(MINUTE, claim(1, 90, { losses: 2 })));
    crashed.run(after(MINUTE, fail(1, 90, 'ENGINE_CRASHED')));
    expect(crashed.task(1)).toMatchObject({ attempt: 2, losses: 2 });
    const stepped = given(create(task(1, { steps: steps('a', 'b') }))).scenario;
    lose(stepped, 2, 'WORKER_LOST');
    stepped.run(after(MINUTE, claim(1, 91, { losses: 2 })));
    stepped.run(after(MINUTE, finish(1, 91)));
    expect(stepped.task(1)).toMatchObject({ step: 1, attempt: 1, losses: 2 });
  });
});

it('stoppedRuns names the runs that are current no more', () => {
  const stopped = (end: Parameters<Scenario['run']>[0]): string[] => {
    const { scenario } = given(create(task(1), task(2)), claim(1, 1), claim(2, 2));
    const before = scenario.state;
    scenario.run(end);
    return stoppedRuns(before, scenario.state);
  };
  expect([stopped(cancel(1)), stopped(deleteTask(2)), stopped(deleteJob()), stopped(claim(1, 1))]).toEqual([[runId(1)], [runId(2)], [runId(1), runId(2)], []]);
  expect(stoppedRuns(null, null)).toEqual([]);
});
