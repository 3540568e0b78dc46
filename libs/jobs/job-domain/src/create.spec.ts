import { after, content, create, createJob, deleteJob, files, foreign, foreignId, runId, steps, task, taskId, upload } from './testing/commands';
import { given } from './testing/specification';

describe('CreateJob', () => {
  it('defines the tasks and queues what can begin', () => {
    const job = given()
      .when(create(task(1), task(2, { inputs: [1] })))
      .then('JobCreated', 'TaskDefined', 'TaskDefined', ['TaskQueued', { task: taskId(1), step: 0, attempt: 1, losses: 0, engine: 'fault', version: 'any', notBefore: null }]);
    expect([job.task(1).phase, job.task(2).phase]).toEqual(['queued', 'waiting']);
  });

  it('waits six hours for an upload', () => {
    given().when(create(upload(1))).then('JobCreated', 'TaskDefined', ['TaskAwaitingUpload', { expiresAt: '2026-01-01T06:00:00.000Z' }]);
  });

  it('finishes content of the request at once, and a job that is only that', () => {
    given().when(create(content(1), task(2, { inputs: [1] }))).then('JobCreated', 'TaskDefined', 'TaskDefined', 'FilesStored', 'TaskFinished', ['TaskQueued', { task: taskId(2) }]);
    given().when(create(content(1))).then('JobCreated', 'TaskDefined', 'FilesStored', 'TaskFinished', 'JobFinished');
  });

  it('begins a retry with the outputs that are still there', () => {
    const old = { run: runId(1), files: files(101, taskId(9), runId(1)) };
    const job = given()
      .when(create(task(1, { content: old, retryOf: taskId(9) }), task(2, { inputs: [1], retryOf: taskId(8) })))
      .then('JobCreated', 'TaskDefined', 'TaskDefined', 'FilesStored', 'FilesStored', 'TaskFinished', 'TaskQueued');
    expect([job.task(1).files, job.task(2).retryOf]).toEqual([old.files, taskId(8)]);
  });

  it('is refused for a stream that exists, also a deleted one', () => {
    given(create(task(1))).when(create(task(1))).refused('CONFLICT');
    given(create(task(1)), deleteJob()).when(create(task(1))).refused('CONFLICT');
  });

  it.each([
    ['no task', [], { tasks: ['The tasks field is required.'] }],
    ['too many', Array.from({ length: 501 }, (_, i) => task(i)), { tasks: ['The job may not have more than 500 tasks.'] }],
    ['itself as input', [task(1, { inputs: [1] })], { 'tasks.task-1.input': ['The inputs of the tasks form a cycle.'] }],
    ['a cycle', [task(0), task(1, { inputs: [3, 0] }), task(2, { inputs: [1] }), task(3, { inputs: [2] })], { 'tasks.task-1.input': ['The inputs of the tasks form a cycle.'] }],
    ['an unknown input', [task(1, { inputs: [foreignId(1)] })], { 'tasks.task-1.input': ['Invalid input task.'] }],
    ['an unknown input of a standalone task', [task(1, { name: null, inputs: ['constructor'] })], { input: ['Invalid input task.'] }],
  ])('refuses %s', (_name, tasks, errors) => {
    given().when(create(...tasks)).refused('INVALID_DATA', errors);
  });

  it('accepts diamonds and a chain of 500 tasks named backwards', () => {
    given().when(create(task(1), task(2, { inputs: [1] }), task(3, { inputs: [1, 2] }), task(4, { inputs: [2, 3, 1] })));
    const chain = Array.from({ length: 500 }, (_, i) => task(i, { name: `${i}`, inputs: i < 499 ? [i + 1] : [] }));
    expect(given(create(...chain)).scenario.task(499).phase).toBe('queued');
  });

  // Lengths in UTF-16 units said 4 KB were enough for tag and webhook URL; in bytes they can be four times as many.
  it('refuses a graph that fits no event, counted in bytes', () => {
    const wide = Array.from({ length: 500 }, (_, i) => task(i, { name: 'n'.repeat(100) }));
    given().when(create(...wide)).refused('INVALID_DATA');
    const narrow = Array.from({ length: 500 }, (_, i) => task(i, { name: 'n'.repeat(30) }));
    given().when(create(...narrow)).then('JobCreated', ...narrow.map(() => 'TaskDefined' as const), ...narrow.map(() => 'TaskQueued' as const));
    given().when(createJob(narrow, { tag: '\u0001'.repeat(1024), webhookUrl: '\u0001'.repeat(2048) })).refused('INVALID_DATA');
  });

  it('refuses options that fit no event', () => {
    given().when(create(task(1, { options: { a: 'ä'.repeat(32 * 1024) } }))).refused('INVALID_DATA', { 'tasks.task-1': ['The options of the task are too large.'] });
  });

  it.each(['a\0', '\ud800', '\udc00a'])('refuses the tag %j, which jsonb cannot keep', (tag) => {
    given().when(createJob([task(1)], { tag })).refused('INVALID_DATA', { tag: ['The tag format is invalid.'] });
    given().when(createJob([task(1)], { webhookUrl: tag })).refused('INVALID_DATA', { webhook_url: ['The webhook url format is invalid.'] });
  });
});

describe('foreign inputs at creation', () => {
  const two = task(1, { inputs: [foreignId(1), foreignId(2)] });

  it('waits for those that are open, and looks after them', () => {
    const job = given(createJob([two], { foreign: [foreign(1, 'pending'), foreign(2, 'finished')] })).scenario;
    expect([job.task(1).phase, job.job.foreign[foreignId(2)]!.outcome]).toEqual(['waiting', 'finished']);
  });

  it('runs with those that have finished, their files in pieces', () => {
    const list = files(250, foreignId(1), runId(1));
    const job = given()
      .when(createJob([two], { foreign: [foreign(1, 'finished', list), foreign(2, 'finished', [])] }))
      .then('JobCreated', 'TaskDefined', ['InputResolved', { more: true }], ['InputResolved', { more: true }], ['InputResolved', { more: false }], ['InputResolved', { more: false }], 'TaskQueued');
    expect(job.job.foreign[foreignId(1)]!.files).toEqual(list);
  });

  it('fails with one that has failed, unless its failure is ignored', () => {
    given()
      .when(createJob([two], { foreign: [foreign(1, 'failed'), foreign(2, 'finished')] }))
      .then('JobCreated', 'TaskDefined', 'InputResolved', 'InputResolved', ['TaskFailed', { code: 'INPUT_TASK_FAILED' }], 'JobFailed');
  });

  it('takes each outcome once, and none that nobody waits for', () => {
    given()
      .when(createJob([task(1, { inputs: [foreignId(1), foreignId(1)] })], { foreign: [foreign(1, 'finished'), foreign(1, 'finished'), foreign(3, 'finished')] }))
      .then('JobCreated', 'TaskDefined', 'InputResolved', 'TaskQueued');
  });
});

it('decides by the time of the command', () => {
  const job = given(after(5, create(task(1, { steps: steps('a', 'b') })))).scenario;
  expect(job.job.createdAt).toBe('2026-01-01T00:00:00.005Z');
});
