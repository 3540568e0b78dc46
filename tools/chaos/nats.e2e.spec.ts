import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { type Stack, startStack } from '../testing/stack';
import type { JobBody } from '../testing/stack-api';
import { checkInvariants, withDatabase } from './invariants';
import { CONTENT, noop, sleep, twoStep, upload } from './jobs';

/** How long NATS is away, ms: many leases, which are 8 s here. MILLRACE_CHAOS_OUTAGE_MS makes it shorter. */
const OUTAGE_MS = Number(process.env['MILLRACE_CHAOS_OUTAGE_MS'] ?? 120_000);

jest.setTimeout(OUTAGE_MS + 136_000);

describe('NATS is disposable', () => {
  let stack: Stack;
  const acknowledged: string[] = [];

  beforeAll(async () => {
    stack = await startStack({ scale: 'all=2' });
  }, 120_000);

  afterAll(() => stack.stop(), 120_000);

  const create = async (body: JobBody): Promise<string> => {
    const id = await stack.api.createJob(body);
    acknowledged.push(id);
    return id;
  };

  const expectFinished = async (jobs: readonly string[]): Promise<void> => {
    for (const job of jobs) expect(await stack.api.wait(job)).toMatchObject({ status: 'finished' });
    expect(await checkInvariants(stack, acknowledged)).toEqual([]);
  };

  const countEvents = (type: string): Promise<number> =>
    withDatabase(stack, async (client) => Number((await client.query<{ count: string }>('select count(*) from job_events where type = $1', [type])).rows[0]!.count));

  /** Slots of both pools are taken by the first of these; the others wait in the queue. */
  const loadOfSleeps = (ms: number): Promise<string[]> => Promise.all(Array.from({ length: 24 }, () => create(sleep(ms))));

  it('killed, with its whole store deleted: what waits, what is queued and what runs all end', async () => {
    const waiting = await create(upload());
    const steps = await create(twoStep());
    const running = await loadOfSleeps(2_000);
    await stack.api.until(running[0]!, ({ status }) => status === 'processing' || status === 'finished');
    await stack.withoutRestarts(async () => {
      stack.kill('nats');
      rmSync(stack.at.nats.storeDir, { recursive: true });
    });
    const form = (await stack.api.get(waiting)).tasks[0]!.result!.form!;
    expect(await stack.api.upload(form, 'in.txt', CONTENT)).toBe(201);
    await expectFinished([waiting, steps, ...running]);
    const out = (await stack.api.get(waiting)).tasks.find(({ name }) => name === 'out')!;
    expect(await stack.api.download(out.result!.files![0]!.url!)).toEqual(CONTENT);
    await stack.healthy();
  });

  it('its store deleted under it: it is noticed, started again, and all end', async () => {
    const jobs = await loadOfSleeps(500);
    const before = stack.pidOf('nats');
    rmSync(stack.at.nats.storeDir, { recursive: true });
    await expectFinished([...jobs, await create(noop())]);
    expect(stack.pidOf('nats')).not.toBe(before);
  });

  it.each(['dead', 'frozen'] as const)('%s for longer than a lease: jobs are accepted, no attempt ends, all run when it is back', async (how) => {
    const losses = await countEvents('AttemptLost');
    const running = await loadOfSleeps(1_000);
    await stack.api.until(running[0]!, ({ status }) => status === 'processing' || status === 'finished');
    const during: string[] = [];
    const outage = async (): Promise<void> => {
      stack.kill('nats', 0, how === 'dead' ? 'SIGKILL' : 'SIGSTOP');
      for (const end = Date.now() + OUTAGE_MS; Date.now() < end; await pause(1_000)) {
        const answer = await stack.api.request('POST', '/v2/jobs', { gateway: during.length % 2, body: noop() });
        expect(answer.status).toBe(201);
        during.push(((await answer.json()) as { data: { id: string } }).data.id);
      }
      acknowledged.push(...during);
    };
    if (how === 'dead') await stack.withoutRestarts(outage);
    else await outage();
    stack.kill('nats', 0, 'SIGCONT');
    await expectFinished([...running, ...during]);
    expect(await countEvents('AttemptLost')).toBe(losses);
    await stack.healthy();
  });
});
