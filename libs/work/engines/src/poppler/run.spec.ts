import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fakeContext } from '@millrace/engine-kit';
import type { RunLimits, RunResult, Sandbox } from '@millrace/sandbox';
import { OUTPUT_BYTES, PAGE_CPU_S } from './program';
import { PopplerRuns } from './run';

const ENDED: RunResult = { exitCode: 0, signal: null, timedOut: false, stdout: '', stderr: '', wallMs: 1, maxRssBytes: 0 };

describe('PopplerRuns', () => {
  let outDir: string;
  const asked: RunLimits[] = [];
  let result: RunResult = ENDED;
  const sandbox = {
    mode: 'bwrap',
    run: async ({ limits }: Parameters<Sandbox['run']>[0]) => {
      asked.push(limits);
      return result;
    },
  } as unknown as Sandbox;
  beforeEach(() => {
    asked.length = 0;
    result = ENDED;
    outDir = mkdtempSync(path.join(os.tmpdir(), 'runs-'));
  });
  afterEach(() => rmSync(outDir, { recursive: true }));

  it('give each page its share of time, and all together what a task may write', async () => {
    const runs = new PopplerRuns(sandbox, fakeContext({ outDir }));
    const output = path.join(outDir, 'a');
    writeFileSync(output, '');
    truncateSync(output, OUTPUT_BYTES - 1);
    await runs.run('f', { first: 3, last: 6 }, [], [output]);
    await runs.run('f', { first: 1, last: 1 }, [], [output]);
    expect(asked.map(({ cpuS, outputBytes }) => [cpuS, outputBytes])).toEqual([[4 * PAGE_CPU_S, OUTPUT_BYTES], [PAGE_CPU_S, 1]]);
    await expect(runs.run('f', { first: 1, last: 1 }, [], [])).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  it.each([
    [1, 'INVALID_INPUT'],
    [99, 'INVALID_INPUT'],
    [2, 'ENGINE_CRASHED'],
    [0, 'ENGINE_CRASHED'],
  ])('take exit code %i without a file for %s', async (exitCode, code) => {
    result = { ...ENDED, exitCode };
    await expect(new PopplerRuns(sandbox, fakeContext({ outDir })).run('f', { first: 1, last: 1 }, [], [path.join(outDir, 'absent')])).rejects.toMatchObject({ code });
  });
});
