import { readdirSync } from 'node:fs';
import path from 'node:path';
import { type Stack, startStack } from '../testing/stack';
import { until } from '../up/until';
import { type Answer, Client, errorOf, expectData, type JobJson, type TaskJson, taskNamed } from './client';
import { eventsOf, query } from './database';
import { FileServer } from './file-server';
import { jailedProcesses, jailsEmpty } from './jails';

let stack: Stack;
let client: Client;

beforeAll(async () => {
  stack = await startStack({ env: { SLOTS: '2', SAFE_FETCH_ALLOW: '127.0.0.1' } });
  client = Client.of(stack);
}, 120_000);
afterAll(() => stack?.stop(), 120_000);

const hanging = { operation: 'fault', mode: 'ignore_sigterm' };
const cancel = (id: string): Promise<Answer> => client.call('POST', `/v2/tasks/${id}/cancel`);
const remove = (kind: 'jobs' | 'tasks', id: string): Promise<Answer> => client.call('DELETE', `/v2/${kind}/${id}`);
const gone = async (kind: 'jobs' | 'tasks', id: string): Promise<boolean> => (await client.call('GET', `/v2/${kind}/${id}`)).status === 404;

/** Jobs with a task `it` that stays in its state, and a task `next` that waits for it. */
const states: Record<string, () => Promise<{ job: JobJson; task: TaskJson }>> = {
  uploading: async () => {
    const job = await client.createJob({ it: { operation: 'import/upload' }, next: { operation: 'fault', input: 'it' } });
    return { job, task: taskNamed(job, 'it') };
  },
  waiting: async () => {
    const job = await client.createJob({ up: { operation: 'import/upload' }, it: { operation: 'fault', input: 'up' }, next: { operation: 'fault', input: 'it' } });
    return { job, task: taskNamed(job, 'it') };
  },
  running: async () => {
    const job = await client.createJob({ it: hanging, next: { operation: 'fault', input: 'it' } });
    const task = taskNamed(job, 'it');
    expect(await until(() => jailedProcesses(task.id).length > 0, 20_000)).toBe(true);
    expect((await client.task(task.id)).status).toBe('processing');
    return { job, task };
  },
};

/** The one terminal event of a job or standalone task. */
const terminalOf = async (stream: string): Promise<string[]> => (await eventsOf(stack, stream)).filter(({ terminal }) => terminal).map(({ type }) => type);

describe.each(Object.keys(states))('a task that is %s', (state) => {
  it('is cancelled: 200, an error, its dependants and its job with it', async () => {
    const { job, task } = await states[state]!();
    expect(expectData<TaskJson>(await cancel(task.id), 200)).toMatchObject({ id: task.id, status: 'error', code: 'CANCELLED', result: null });
    expect(await jailsEmpty(task.id)).toBe(true);
    if (state === 'waiting') expect((await cancel(taskNamed(job, 'up').id)).status).toBe(200);
    const ended = await client.ended(job.id);
    expect(ended.status).toBe('error');
    expect(taskNamed(ended, 'next')).toMatchObject({ status: 'error', code: 'INPUT_TASK_FAILED' });
    expect(errorOf(await cancel(task.id))).toMatchObject({ status: 422, code: 'INVALID_DATA', errors: { status: ['Cannot change status: task already completed.'] } });
    expect(await terminalOf(job.id)).toEqual(['JobFailed']);
  });

  it('is deleted: 204, then it is not found', async () => {
    const { job, task } = await states[state]!();
    expect(await remove('tasks', task.id)).toMatchObject({ status: 204, text: '' });
    expect(await gone('tasks', task.id)).toBe(true);
    expect(await jailsEmpty(task.id)).toBe(true);
    expect((await remove('tasks', task.id)).status).toBe(404);
    expect((await cancel(task.id)).status).toBe(404);
    if (state === 'waiting') await cancel(taskNamed(job, 'up').id);
    const ended = await client.ended(job.id);
    expect({ status: ended.status, names: ended.tasks.map(({ name }) => name) }).toEqual({ status: 'error', names: state === 'waiting' ? ['up', 'next'] : ['next'] });
  });

  it('goes with its job: 204, then neither is found', async () => {
    const { job, task } = await states[state]!();
    expect(await remove('jobs', job.id)).toMatchObject({ status: 204, text: '' });
    expect([await gone('jobs', job.id), await gone('tasks', task.id)]).toEqual([true, true]);
    expect(await jailsEmpty(task.id)).toBe(true);
    expect((await remove('jobs', job.id)).status).toBe(404);
    expect(await terminalOf(job.id)).toEqual(['JobDeleted']);
  });
});

describe('a queue before full pools', () => {
  const blockers: string[] = [];

  beforeAll(async () => {
    // Two slots in each of the two pools that host the engine.
    for (let i = 0; i < 4; i += 1) blockers.push((await client.createTask('fault', { mode: 'hang' })).id);
    expect(await until(() => blockers.every((id) => jailedProcesses(id).length > 0), 20_000)).toBe(true);
  }, 40_000);

  it('cancelled and deleted while queued, never runs', async () => {
    const queued = await Promise.all(Array.from({ length: 6 }, () => client.createTask('fault', { mode: 'hang' })));
    const [one, two, three] = queued;
    expect(expectData<TaskJson>(await cancel(one!.id), 200)).toMatchObject({ status: 'error', code: 'CANCELLED' });
    expect((await remove('tasks', two!.id)).status).toBe(204);
    expect((await client.task(three!.id)).status).toBe('waiting');
    await Promise.all(queued.slice(2).map(({ id }) => cancel(id)));
    await Promise.all(blockers.map((id) => remove('tasks', id)));
    expect(await jailsEmpty(...blockers)).toBe(true);
    // Somebody behind them runs: the invitations of the cancelled ones were taken, and answered with gone.
    expect((await client.endedTask((await client.createTask('fault')).id)).status).toBe('finished');
    for (const { id } of queued) expect((await eventsOf(stack, id)).map(({ type }) => type)).not.toContain('TaskStarted');
  });
});

describe('what has ended', () => {
  it('cannot be cancelled, and is deleted with its files', async () => {
    const job = await client.run({ in: { operation: 'import/raw', file: 'x', filename: 'x.txt' }, out: { operation: 'export/url', input: 'in' } });
    const out = taskNamed(job, 'out');
    expect(errorOf(await cancel(out.id))).toMatchObject({ status: 422, errors: { status: [expect.any(String)] } });
    expect((await client.job(job.id)).status).toBe('finished');
    expect((await remove('jobs', job.id)).status).toBe(204);
    expect([404, 410]).toContain((await fetch(out.result!.files![0]!.url!)).status);
    expect(await terminalOf(job.id)).toEqual(['JobFinished']);
    expect(await query(stack, 'select 1 from blob_references where stream = $1', [job.id])).toEqual([]);
  });

  it('is cancelled or deleted by its owner only', async () => {
    for (const id of ['00000000-0000-4000-8000-000000000000', 'nonsense', '%00']) {
      expect(errorOf(await cancel(id))).toMatchObject({ status: 404, code: 'NOT_FOUND' });
      expect(errorOf(await remove('jobs', id))).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    }
  });
});

it('an import that is fed forever ends with its job, and lets its server go', async () => {
  let closed = false;
  const server = await FileServer.start((_, response) => {
    response.writeHead(200, { 'content-type': 'image/png' });
    const drip = setInterval(() => response.write('drip'), 50);
    response.on('close', () => (clearInterval(drip), (closed = true)));
  });
  try {
    const job = await client.createJob({ in: { operation: 'import/url', url: `${server.url}/endless.png` } });
    expect(await until(() => server.seen.length > 0, 20_000)).toBe(true);
    expect((await remove('jobs', job.id)).status).toBe(204);
    expect(await until(() => closed, 2_000)).toBe(true);
    expect(await until(() => blobsOf(taskNamed(job, 'in').id).length === 0, 10_000)).toBe(true);
  } finally {
    await server.stop();
  }
});

/** What the blob store holds of a task, finished or not. */
const blobsOf = (task: string): string[] => readdirSync(path.join(stack.dataDir, 'blobs'), { recursive: true, encoding: 'utf8' }).filter((name) => name.includes(task) && /\..+$/.test(path.basename(name)));

describe('cancelled and deleted at any moment', () => {
  it('each task has exactly one outcome, and it is the one that was answered', async () => {
    const outcomes = await Promise.all(Array.from({ length: 60 }, (_, index) => race(index)));
    const codes = outcomes.map(({ status }) => status);
    // The race was one: some were cancelled in time, some were not.
    expect(new Set(codes)).toEqual(new Set([200, 204, 422]));
    const left = await query<{ n: string }>(stack, `select count(*) n from tasks where phase not in ('finished', 'failed', 'cancelled') and stream = any($1)`, [outcomes.map(({ id }) => id)]);
    expect(Number(left[0]!.n)).toBe(0);
  }, 60_000);

  async function race(index: number): Promise<{ id: string; status: number }> {
    const { id } = await client.createTask('fault', { mode: 'sleep', ms: (index % 7) * 10 });
    await until(() => false, (index * 37) % 900);
    const answer = index % 3 === 0 ? await remove('tasks', id) : await cancel(id);
    await until(async () => (await terminalOf(id)).length > 0, 20_000);
    const events = (await eventsOf(stack, id)).map(({ type }) => type);
    const ends = events.filter((type) => ['TaskFinished', 'TaskFailed', 'TaskCancelled'].includes(type));
    expect(ends).toHaveLength(1);
    if (answer.status === 200) expect(ends).toEqual(['TaskCancelled']);
    if (answer.status === 422) expect(ends).toEqual(['TaskFinished']);
    if (answer.status === 204) expect(await gone('tasks', id)).toBe(true);
    expect(await terminalOf(id)).toHaveLength(1);
    expect(await jailsEmpty(id)).toBe(true);
    return { id, status: answer.status };
  }
});
