import { type Stack, startStack } from '../testing/stack';
import { until } from '../up/until';
import { Client, taskNamed } from './client';
import { eventsOf } from './database';
import { jailsEmpty } from './jails';

let stack: Stack;
let client: Client;

beforeAll(async () => {
  stack = await startStack({ env: { MAX_LOSSES: '3', LOSS_BACKOFF: '200ms', LEASE: '3s', BEAT: '500ms', SETTLE: '1s' } });
  client = Client.of(stack);
}, 120_000);
afterAll(() => stack?.stop(), 120_000);

const raw = { operation: 'import/raw', file: 'content', filename: 'a.txt' };
const fault = (options: object): Record<string, Record<string, unknown>> => ({ in: raw, bad: { operation: 'fault', input: 'in', ...options } });
const neighbour = { operation: 'fault', mode: 'sleep', ms: 300 };

/** Runs a job of a fault and an innocent neighbour; answers how the fault ended and what the log says of its attempts. */
async function end(options: object) {
  const job = await client.run({ ...fault(options), good: { ...neighbour, input: 'in' } });
  expect(taskNamed(job, 'good')).toMatchObject({ status: 'finished', result: { files: [{ filename: 'a.txt' }] } });
  const bad = taskNamed(job, 'bad');
  const events = (await eventsOf(stack, job.id)).filter(({ data }) => data['task'] === bad.id);
  expect(await jailsEmpty(bad.id)).toBe(true);
  return { job, bad, attempts: events.filter(({ type }) => type === 'TaskStarted').length, lost: events.filter(({ type }) => type === 'AttemptLost').length };
}

describe('an engine that misbehaves ends its task with a class and a code', () => {
  it.each([
    ['crash', {}, 'ENGINE_CRASHED', 3],
    ['nothing', {}, 'ENGINE_CRASHED', 3],
    ['garbage', {}, 'ENGINE_CRASHED', 3],
    ['too_much', {}, 'LIMIT_EXCEEDED', 1],
    ['fail', {}, 'INVALID_INPUT', 1],
    ['hang', { timeout: 2 }, 'TIMEOUT', 1],
    ['ignore_sigterm', { timeout: 2 }, 'TIMEOUT', 1],
  ])('%s %j: %s after %i attempts', async (mode, options, code, attempts) => {
    const ended = await end({ mode, ...options });
    expect(ended.job.status).toBe('error');
    expect({ ...ended.bad, attempts: ended.attempts, lost: ended.lost }).toMatchObject({ status: 'error', code, message: expect.stringMatching(/\w/), attempts, lost: 0 });
  });

  it('a crash of the first attempt only is forgotten with the second', async () => {
    const { job, bad, attempts } = await end({ mode: 'crash', times: 1 });
    expect([job.status, bad.status, bad.code, attempts]).toEqual(['finished', 'finished', null, 2]);
  });

  it('with ignore_error the job goes on and finishes', async () => {
    const { job } = await end({ mode: 'fail', ignore_error: true });
    expect(job.status).toBe('finished');
  });
});

it('who waits for a failed task fails with it', async () => {
  const job = await client.run({ ...fault({ mode: 'fail' }), next: { operation: 'fault', input: 'bad' }, out: { operation: 'export/url', input: 'next' } });
  for (const name of ['next', 'out']) expect(taskNamed(job, name)).toMatchObject({ code: 'INPUT_TASK_FAILED', message: 'Input task has failed', started_at: null });
});

it('a task that kills its worker each time ends as lost, and its neighbours finish', async () => {
  const neighbours = await Promise.all(Array.from({ length: 6 }, () => client.createJob({ in: raw, good: { ...neighbour, ms: 2_000, input: 'in' } })));
  const { bad, attempts, lost } = await end({ mode: 'kill_worker' });
  expect({ ...bad, attempts, lost }).toMatchObject({ status: 'error', code: 'WORKER_LOST', message: expect.stringContaining('3 times'), attempts: 3, lost: 3 });
  for (const { id } of neighbours) expect((await client.ended(id)).status).toBe('finished');
  await stack.healthy();
}, 60_000);

it('progress is seen while it runs, and only grows', async () => {
  const made = await client.createJob(fault({ mode: 'progress', ms: 3_000 }));
  const seen: number[] = [];
  await until(async () => {
    const { percent, status } = taskNamed(await client.job(made.id), 'bad');
    if (status === 'processing') seen.push(percent);
    return status === 'finished';
  }, 20_000, { everyMs: 100 });
  expect(new Set(seen).size).toBeGreaterThan(2);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.some((percent) => percent > 0 && percent < 100)).toBe(true);
});

it('a task of two steps crosses the pools and keeps its file', async () => {
  const job = await client.run({ in: raw, both: { operation: 'fault/two-step', input: 'in', mode: 'copy' }, out: { operation: 'export/url', input: 'both' } });
  expect(taskNamed(job, 'out').result!.files).toMatchObject([{ filename: 'a.txt', size: 7 }]);
  const workers = (await eventsOf(stack, job.id)).filter(({ type, data }) => type === 'TaskStarted' && data['task'] === taskNamed(job, 'both').id).map(({ data }) => data['worker']);
  expect(workers).toEqual([expect.stringMatching(/^media/), expect.stringMatching(/^document/)]);
});
