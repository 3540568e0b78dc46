import { rmSync } from 'node:fs';
import path from 'node:path';
import { type Stack, startStack } from '../testing/stack';
import { checkInvariants, withDatabase } from './invariants';
import { noop, sleep, twoStep } from './jobs';

jest.setTimeout(120_000);

describe('engines that nobody hosts', () => {
  let stack: Stack;

  beforeAll(async () => {
    // Of the engines only these are left: the steps of fault/two-step need two others.
    stack = await startStack({ scale: 'all=1', env: { ENGINES: 'fault,exiftool', ENGINE_UNAVAILABLE_AFTER: '5s' } });
  }, 120_000);

  afterAll(() => stack.stop(), 120_000);

  it('a task for one ends ENGINE_UNAVAILABLE, and only that', async () => {
    const hopeless = await stack.api.createJob(twoStep());
    const hosted = await stack.api.createJob(noop());
    expect((await stack.api.wait(hosted)).status).toBe('finished');
    const job = await stack.api.wait(hopeless);
    expect(job.status).toBe('error');
    expect(job.tasks.find(({ name }) => name === 'run')).toMatchObject({ status: 'error', code: 'ENGINE_UNAVAILABLE' });
    const { rows } = await withDatabase(stack, (client) => client.query(`select from job_events where stream = $1 and type in ('TaskStarted', 'AttemptLost')`, [hopeless]));
    expect(rows).toEqual([]);
    expect(await checkInvariants(stack, [hopeless, hosted])).toEqual([]);
  });

  it('a task for a version that nobody has ends so as well, while others of that engine are done', async () => {
    const metadata = (more: object) => ({ tasks: { in: { operation: 'import/raw', file: 'words', filename: 'a.txt' }, run: { operation: 'metadata', input: 'in', ...more } } });
    const [old, any] = [await stack.api.createJob(metadata({ engine_version: '0.1' })), await stack.api.createJob(metadata({}))];
    expect((await stack.api.wait(any)).status).toBe('finished');
    const job = await stack.api.wait(old);
    expect(job.tasks.find(({ name }) => name === 'run')).toMatchObject({ status: 'error', code: 'ENGINE_UNAVAILABLE', message: 'No worker for the engine exiftool in version 0.1 is available' });
    expect(await checkInvariants(stack, [old, any])).toEqual([]);
  });

  it('and the invariants that all chaos is judged by see damage', async () => {
    const [fine, cut, empty] = [await stack.api.createJob(noop()), await stack.api.createJob(noop()), await stack.api.createJob(sleep(10))];
    for (const job of [fine, cut, empty]) await stack.api.wait(job);
    await withDatabase(stack, (client) => client.query('delete from job_events where terminal and stream = $1', [cut]));
    const stored = (await stack.api.get(empty)).tasks[0]!.id;
    rmSync(path.join(stack.dataDir, 'blobs', 'blobs', stored), { recursive: true });
    const found = await checkInvariants(stack, [fine, cut, empty]);
    expect(found).toEqual([
      `${cut} has not exactly one terminal event`,
      `${cut} has a gap in its versions, or another version than its log`,
      expect.stringMatching(`^${stored} names ${stored}/.* which is not stored$`),
      expect.stringContaining('1 differ from the log'),
    ]);
  });
});
