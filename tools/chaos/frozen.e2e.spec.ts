import { setTimeout as pause } from 'node:timers/promises';
import { type Stack, startStack } from '../testing/stack';
import type { StackJob } from '../testing/stack-api';
import { checkInvariants, withDatabase } from './invariants';
import { noop, sleep } from './jobs';

jest.setTimeout(120_000);

interface LoggedRun {
  readonly type: string;
  readonly run: string | null;
  readonly worker: string | null;
}

describe('frozen processes', () => {
  let stack: Stack;
  const acknowledged: string[] = [];

  beforeAll(async () => {
    stack = await startStack({ scale: 'all=2' });
  }, 120_000);

  afterAll(() => stack.stop(), 120_000);

  afterEach(async () => {
    for (const service of ['engine-ffmpeg', 'engine-office', 'job-orchestrator', 'api-gateway']) for (const index of [0, 1]) stack.kill(service, index, 'SIGCONT');
    await stack.healthy();
    expect(await checkInvariants(stack, acknowledged)).toEqual([]);
  });

  const create = async (body: Parameters<typeof stack.api.createJob>[0]): Promise<string> => {
    const id = await stack.api.createJob(body);
    acknowledged.push(id);
    return id;
  };

  const runs = async (job: string): Promise<LoggedRun[]> =>
    withDatabase(stack, async (client) => {
      const { rows } = await client.query<LoggedRun>(
        `select type, data ->> 'run' as run, data ->> 'worker' as worker from job_events
         where stream = $1 and type in ('TaskStarted', 'AttemptLost', 'FilesStored', 'TaskFinished') order by version`,
        [job],
      );
      return rows;
    });

  /** The service and index of a worker, from its name: `media-0-1a2b3c4d`. */
  const placeOf = (worker: string): [string, number] => {
    const [pool, index] = worker.split('-');
    return [pool === 'media' ? 'engine-ffmpeg' : 'engine-office', Number(index)];
  };

  const lost = async (job: string): Promise<LoggedRun[]> => {
    for (;;) {
      const found = await runs(job);
      if (found.some(({ type }) => type === 'AttemptLost')) return found;
      await pause(200);
    }
  };

  const processing = ({ tasks }: StackJob): boolean => tasks.some(({ status }) => status === 'processing');

  it('a worker frozen past its lease: its late report is refused, its output unused, another run finishes the job', async () => {
    const job = await create(sleep(1_500));
    await stack.api.until(job, processing);
    const first = (await runs(job))[0]!;
    const [service, index] = placeOf(first.worker!);
    stack.kill(service, index, 'SIGSTOP');
    await lost(job);
    expect((await stack.api.wait(job)).status).toBe('finished');
    const log = stack.logOf(service, index).length;
    stack.kill(service, index, 'SIGCONT');
    // Awake again, it hears at its first beat or report that its run is not wanted.
    const over = (): boolean => new RegExp(`"run_id":"${first.run}".*(refused|unwanted)`).test(stack.logOf(service, index).slice(log));
    for (const end = Date.now() + 30_000; !over() && Date.now() < end; ) await pause(200);
    expect(over()).toBe(true);
    const story = await runs(job);
    expect(story.map(({ type }) => type)).toEqual(['TaskStarted', 'AttemptLost', 'TaskStarted', 'FilesStored', 'TaskFinished']);
    expect(story[3]!.run).toBe(story[2]!.run);
    expect(story[3]!.run).not.toBe(first.run);
  });

  it('one orchestrator frozen: the other answers new claims within 10 s', async () => {
    for (const index of [0, 1]) {
      stack.kill('job-orchestrator', index, 'SIGSTOP');
      const before = Date.now();
      const jobs = await Promise.all(Array.from({ length: 8 }, () => create(noop())));
      for (const job of jobs) expect((await stack.api.wait(job)).status).toBe('finished');
      const started = await withDatabase(stack, (client) => client.query<{ at: Date }>(`select max(at) as at from job_events where type = 'TaskStarted' and stream = any($1)`, [jobs]));
      // The lead of the dispatcher passes on within the 6 s of its lease; a frozen responder leaves NATS after 4 to 6 s.
      expect(started.rows[0]!.at.getTime() - before).toBeLessThan(10_000);
      stack.kill('job-orchestrator', index, 'SIGCONT');
      await stack.healthy();
    }
  });

  it('a gateway frozen under load: the other goes on appending', async () => {
    const post = (gateway: number): Promise<Response> => stack.api.request('POST', '/v2/jobs', { gateway, body: noop(), timeoutMs: 20_000 });
    const load = Array.from({ length: 40 }, () => post(0));
    const first = await Promise.race(load);
    stack.kill('api-gateway', 0, 'SIGSTOP');
    const others = await Promise.all(Array.from({ length: 20 }, () => post(1)));
    stack.kill('api-gateway', 0, 'SIGCONT');
    const answers = [first, ...others, ...(await Promise.all(load))];
    expect(others.map(({ status }) => status)).toEqual(others.map(() => 201));
    for (const answer of answers) if (answer.status === 201 && !answer.bodyUsed) acknowledged.push(((await answer.json()) as { data: StackJob }).data.id);
    for (const job of acknowledged) expect((await stack.api.wait(job)).status).toBe('finished');
  });
});
