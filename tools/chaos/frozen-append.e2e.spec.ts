import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Stack, startStack } from '../testing/stack';
import { checkInvariants } from './invariants';
import { noop, twoStep } from './jobs';

jest.setTimeout(120_000);

/** `T` in the third field of /proc/<pid>/stat: stopped. */
const isStopped = (pid: number | undefined): boolean => pid !== undefined && /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

describe('a gateway that stands still inside an append', () => {
  let stack: Stack;
  let marks: string;

  beforeAll(async () => {
    marks = mkdtempSync(path.join(tmpdir(), 'millrace-marks-'));
    stack = await startStack({ scale: 'all=2', env: { FAULT_AT: 'append-written', FAULT_SIGNAL: 'SIGSTOP', FAULT_MARKS: marks } });
  }, 120_000);

  afterAll(async () => {
    for (const index of [0, 1]) stack.kill('api-gateway', index, 'SIGCONT');
    await stack.stop();
    rmSync(marks, { recursive: true });
  }, 120_000);

  it('holds the log up for seconds at most: the other gateway goes on, and the thawed one spoils nothing', async () => {
    // The first append of all: its gateway stops with all rows written and the lock of the log in hand; the client asks the other one.
    const first = await stack.api.createJob(noop());
    expect(readdirSync(marks)).toEqual(['append-written']);
    const frozen = [0, 1].filter((index) => isStopped(stack.pidOf('api-gateway', index)));
    expect(frozen).toHaveLength(1);
    const jobs = [first, await stack.api.createJob(twoStep()), await stack.api.createJob(noop())];
    for (const job of jobs) expect(await stack.api.wait(job)).toMatchObject({ status: 'finished' });
    stack.kill('api-gateway', frozen[0]!, 'SIGCONT');
    await stack.healthy();
    const after = await stack.api.createJob(noop());
    expect(await stack.api.wait(after)).toMatchObject({ status: 'finished' });
    expect(await checkInvariants(stack, [...jobs, after])).toEqual([]);
  });
});
