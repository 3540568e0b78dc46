import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FAULT_POINTS } from '@millrace/config';
import { type Stack, startStack } from '../testing/stack';
import type { UploadForm } from '../testing/stack-api';
import { checkInvariants } from './invariants';
import { CONTENT, everywhere, twoStep, upload } from './jobs';
import { type OutsideWorld, startOutsideWorld } from './outside-world';

jest.setTimeout(240_000);

describe('a process that dies at a named point', () => {
  let stack: Stack;
  let world: OutsideWorld;
  let marks: string;

  beforeAll(async () => {
    marks = mkdtempSync(path.join(tmpdir(), 'millrace-marks-'));
    world = await startOutsideWorld();
    stack = await startStack({ scale: 'all=2', env: { FAULT_AT: 'all', FAULT_MARKS: marks, SAFE_FETCH_ALLOW: '127.0.0.1', WEBHOOK_RETRY_MS: '500,1000,2000' } });
  }, 120_000);

  afterAll(async () => {
    await stack.stop();
    await world.stop();
    rmSync(marks, { recursive: true });
  }, 120_000);

  /** A gateway may die under an upload: it is sent again, until one was taken. */
  const send = async (form: UploadForm): Promise<void> => {
    for (;;) {
      const status = await stack.api.upload(form, 'in.txt', CONTENT).catch(() => 0);
      if (status === 201 || status === 409) return;
    }
  };

  it('loses no job: at each point one dies, and all jobs finish', async () => {
    const jobs: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      jobs.push(await stack.api.createJob(twoStep()), await stack.api.createJob(everywhere(world.source, world.webhook)));
      const waiting = await stack.api.createJob(upload());
      jobs.push(waiting);
      const { tasks } = await stack.api.get(waiting);
      await send(tasks.find(({ name }) => name === 'in')!.result!['form'] as UploadForm);
    }
    const ended = await Promise.all(jobs.map((job) => stack.api.wait(job)));
    expect(ended.map(({ status }) => status)).toEqual(jobs.map(() => 'finished'));
    await stack.healthy();
    expect(readdirSync(marks).sort()).toEqual([...FAULT_POINTS].sort());
    expect(await checkInvariants(stack, jobs)).toEqual([]);
  });
});
