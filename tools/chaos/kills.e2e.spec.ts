import { setTimeout as pause } from 'node:timers/promises';
import { type Stack, startStack } from '../testing/stack';
import { checkInvariants, withDatabase } from './invariants';
import { CONTENT, everywhere, noop, sleep, twoStep } from './jobs';
import { type OutsideWorld, startOutsideWorld } from './outside-world';

const SERVICES = ['api-gateway', 'job-orchestrator', 'import-service', 'engine-ffmpeg', 'engine-office', 'export-service', 'webhook-dispatcher'];
const JOBS = 200;
const KILL_EVERY_MS = 3_000;
/** Kills of each service under load; MILLRACE_CHAOS_KILLS makes it fewer or more. Five take two minutes. */
const ROUNDS = Number(process.env['MILLRACE_CHAOS_KILLS'] ?? 5);
const KILLS = Array.from({ length: ROUNDS }, () => SERVICES).flat();
/** Everything has to have ended so long after the last kill. */
const AFTERWARDS_MS = 60_000;

jest.setTimeout(KILLS.length * KILL_EVERY_MS + AFTERWARDS_MS + 120_000);

describe('kill -9', () => {
  let stack: Stack;
  let world: OutsideWorld;

  beforeAll(async () => {
    world = await startOutsideWorld();
    stack = await startStack({ scale: 'all=2', env: { SAFE_FETCH_ALLOW: '127.0.0.1' } });
  }, 120_000);

  afterAll(async () => {
    await stack.stop();
    await world.stop();
  }, 120_000);

  it(`${JOBS} jobs while a service dies every ${KILL_EVERY_MS / 1000} s, each of the seven ${ROUNDS} times: all finish, with the right bytes`, async () => {
    const bodies = [noop, () => everywhere(world.source, world.webhook), () => sleep(400), twoStep];
    const acknowledged: string[] = [];
    const told: string[] = [];
    let started = 0;
    const customer = async (): Promise<void> => {
      for (let turn = started++; turn < JOBS; turn = started++) {
        const body = bodies[turn % bodies.length]!();
        const id = await stack.api.createJob(body);
        acknowledged.push(id);
        if (body.webhook_url !== undefined) told.push(id);
        await pause((4 * KILLS.length * KILL_EVERY_MS) / JOBS);
      }
    };
    const load = Promise.all(Array.from({ length: 4 }, customer));
    for (const [turn, service] of KILLS.entries()) {
      await pause(KILL_EVERY_MS);
      const index = turn % 2;
      expect([service, stack.kill(service, index) ?? stack.kill(service, 1 - index)]).toEqual([service, expect.any(Number)]);
    }
    const lastKill = Date.now();
    await load;
    expect(acknowledged).toHaveLength(JOBS);

    const jobs = [];
    for (const id of acknowledged) jobs.push(await stack.api.wait(id, Math.max(0, AFTERWARDS_MS - (Date.now() - lastKill))));
    expect(jobs.filter(({ status }) => status !== 'finished')).toEqual([]);
    expect(await checkInvariants(stack, acknowledged)).toEqual([]);

    for (const { tasks } of jobs) {
      const out = tasks.find(({ name }) => name === 'out');
      if (out) expect(await stack.api.download(out.result!.files![0]!.url!)).toEqual(CONTENT);
    }
    const deliveries = (): Promise<{ state: string; event: string; jobs: number; rows: number }[]> =>
      withDatabase(stack, async (client) => (await client.query('select state, event, count(distinct stream)::int as jobs, count(*)::int as rows from webhook_deliveries group by state, event order by event')).rows);
    const done = [{ state: 'delivered', event: 'job.finished', jobs: told.length, rows: told.length }];
    for (const end = Date.now() + AFTERWARDS_MS; Date.now() < end && (await deliveries()).some(({ state }) => state === 'pending'); ) await pause(250);
    expect(await deliveries()).toEqual(done);
    expect(new Set(world.told.map(({ job }) => job))).toEqual(new Set(told));
    await stack.healthy();
  });
});
