import { changes, endings, firstNews, isOver, type Known, knownOf, type Occurrence } from './occurrences';
import { aloneIn, jobOf, links } from './testing/rows';

const seen = (occurrences: readonly Occurrence[]): string[] =>
  occurrences.map(({ event, data }) => {
    const { job, task } = data(links) as { job?: { id: string }; task?: { id: string } };
    return `${event} ${(job ?? task)!.id}`;
  });
const after = (before: Known, ...now: Parameters<typeof jobOf>): string[] => seen(changes(before, jobOf(...now), 10_000).occurrences);

it('tells a job that goes on: updated before its tasks, ended after them', () => {
  const created = knownOf(jobOf('waiting', { a: 'queued', b: 'waiting' }), 0);
  expect(after(created, 'waiting', { a: 'queued', b: 'waiting' })).toEqual([]);
  expect(after(created, 'processing', { a: 'running', b: 'waiting' })).toEqual(['job.updated job', 'task.updated a']);
  expect(after(created, 'finished', { a: 'finished', b: 'finished' })).toEqual(['task.finished a', 'task.finished b', 'job.finished job']);
  expect(after(created, 'error', { a: 'cancelled', b: 'failed' })).toEqual(['task.failed a', 'task.failed b', 'job.failed job']);
});

it('tells nothing twice', () => {
  const snapshot = jobOf('processing', { a: 'running', b: 'waiting' }, { a: 30 });
  const { known } = changes(knownOf(jobOf('waiting', { a: 'queued', b: 'waiting' }), 0), snapshot, 5_000);
  expect(changes(known, snapshot, 50_000).occurrences).toEqual([]);
});

it('tells a percent once a second at most, and the last one then', () => {
  const percent = (value: number) => jobOf('processing', { a: 'running' }, { a: value });
  const first = changes(knownOf(percent(10), 0), percent(20), 999);
  expect(first.occurrences).toEqual([]);
  const second = changes(first.known, percent(30), 1_000);
  expect(second.occurrences.map(({ data }) => (data(links) as { task: { percent: number } }).task.percent)).toEqual([30]);
  expect(changes(second.known, percent(40), 1_999).occurrences).toEqual([]);
  expect(seen(changes(second.known, jobOf('finished', { a: 'finished' }), 1_001).occurrences)).toEqual(['task.finished a', 'job.finished job']);
});

it('tells each channel that may know, and no job of a standalone task', () => {
  const [ofTask, ofJob] = endings(jobOf('finished', { a: 'finished' }));
  expect(ofTask!.channels).toEqual(['private-job.job.tasks', 'private-task.a', 'private-user.7.tasks']);
  expect(ofJob!.channels).toEqual(['private-job.job', 'private-user.7.jobs']);
  expect(endings(aloneIn('finished')).map(({ event, channels }) => [event, channels])).toEqual([['task.finished', ['private-task.alone', 'private-user.7.tasks']]]);
});

it('tells latecomers what is over, and only that', () => {
  expect(seen(endings(jobOf('processing', { a: 'finished', b: 'running', c: 'failed' })))).toEqual(['task.finished a', 'task.failed c']);
  expect([isOver(jobOf('processing', { a: 'finished' })), isOver(jobOf('error', { a: 'failed' })), isOver(aloneIn('running')), isOver(aloneIn('cancelled'))]).toEqual([false, true, false, true]);
});

it('begins with the creation when it heard of it, whatever has happened since', () => {
  expect(seen(firstNews([{ type: 'JobCreated' }], jobOf('waiting', { a: 'queued' })))).toEqual(['job.created job', 'task.created a']);
  expect(seen(firstNews([{ type: 'JobCreated' }], jobOf('finished', { a: 'finished' })))).toEqual(['job.created job', 'task.created a', 'task.finished a', 'job.finished job']);
  expect(seen(firstNews([{ type: 'TaskDefined', task: 'alone' }], aloneIn('queued')))).toEqual(['task.created alone']);
});

it('begins in the middle with what the facts name', () => {
  expect(seen(firstNews([{ type: 'TaskStarted', task: 'b' }], jobOf('processing', { a: 'finished', b: 'running' })))).toEqual(['task.updated b', 'job.updated job']);
  expect(seen(firstNews([{ type: 'TaskFailed', task: 'alone' }], aloneIn('failed')))).toEqual(['task.failed alone']);
});
