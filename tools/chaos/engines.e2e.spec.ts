import { type Stack, startStack } from '../testing/stack';
import { checkInvariants, withDatabase } from './invariants';
import { noop, twoStep } from './jobs';

jest.setTimeout(120_000);

describe('engines that nobody hosts', () => {
  let stack: Stack;

  beforeAll(async () => {
    // Of the engines only this one is left: the steps of fault/two-step need two others.
    stack = await startStack({ scale: 'all=1', env: { ENGINES: 'fault', ENGINE_UNAVAILABLE_AFTER: '5s' } });
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
});
