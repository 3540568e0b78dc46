import { type Stack, startStack } from '../testing/stack';
import { checkInvariants } from './invariants';
import { noop, sleep, twoStep } from './jobs';

jest.setTimeout(150_000);

/** Answers of 503 come within a second; this bound only tells them from a hang. */
const NO_HANG_MS = 5_000;

describe('Postgres goes away', () => {
  let stack: Stack;
  const acknowledged: string[] = [];

  beforeAll(async () => {
    stack = await startStack({ scale: 'all=2' });
  }, 120_000);

  afterAll(() => stack.stop(), 120_000);

  /** Creates `count` jobs over a few seconds, as a patient customer. */
  const load = (count: number): Promise<unknown> => {
    const bodies = [noop, twoStep, () => sleep(300)];
    let made = 0;
    const customer = async (): Promise<void> => {
      while (made < count) acknowledged.push(await stack.api.createJob(bodies[made++ % bodies.length]!()));
    };
    return Promise.all(Array.from({ length: 4 }, customer));
  };

  it.each(['SIGINT', 'SIGKILL'] as const)('%s in the middle of a load: every acknowledged job ends', async (signal) => {
    const before = acknowledged.length;
    const loading = load(60);
    while (acknowledged.length < before + 15) await Promise.race([loading, new Promise((resolve) => setTimeout(resolve, 20))]);
    stack.kill('postgres', 0, signal);
    await loading;
    for (const job of acknowledged.slice(before)) expect(await stack.api.wait(job)).toMatchObject({ status: 'finished' });
    expect(await checkInvariants(stack, acknowledged)).toEqual([]);
    await stack.healthy();
  });

  it('while it is away the API says 503 with Retry-After and hangs nobody', async () => {
    const running = await stack.api.createJob(sleep(1_000));
    acknowledged.push(running);
    await stack.withoutRestarts(async () => {
      stack.kill('postgres');
      const requests = [
        { method: 'POST', url: '/v2/jobs', body: noop() },
        { method: 'GET', url: `/v2/jobs/${running}` },
      ];
      for (const { method, url, body } of requests) {
        for (const gateway of [0, 1]) {
          const answer = await stack.api.request(method, url, { gateway, body, timeoutMs: NO_HANG_MS });
          expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^[1-9]\d*$/)]);
        }
      }
    });
    expect(await stack.api.wait(running)).toMatchObject({ status: 'finished' });
    await stack.healthy();
    expect(await checkInvariants(stack, acknowledged)).toEqual([]);
  });
});
