import { Failure } from '@millrace/failures';
import { fakeContext } from '@millrace/engine-kit';
import type { ExceededLimit, RunResult } from '@millrace/sandbox';
import { assertEnded, wallMsOf } from './outcome';

const LIMITS = { wallMs: 2500, cpuS: 3, outputBytes: 1_048_576, openFiles: 8, processes: 9, memoryBytes: 2_097_152 };
const RESULT: RunResult = { exitCode: 0, signal: null, timedOut: false, stdout: '', stderr: 'said', wallMs: 1, maxRssBytes: 0 };

/** The failure of a run, or null. */
function outcome(result: Partial<RunResult>, signal?: AbortSignal): unknown {
  try {
    assertEnded('x', { ...RESULT, ...result }, LIMITS, fakeContext(signal ? { signal } : {}));
    return null;
  } catch (error) {
    return error;
  }
}

describe('assertEnded', () => {
  it.each<[ExceededLimit, string, string]>([
    ['time', 'TIMEOUT', '3 seconds'],
    ['cpu', 'TIMEOUT', '3 seconds of processor time'],
    ['memory', 'LIMIT_EXCEEDED', '2 MiB of memory'],
    ['output', 'LIMIT_EXCEEDED', '1 MiB of output'],
    ['processes', 'LIMIT_EXCEEDED', '9 processes'],
  ])('names the limit: %s', (limit, code, message) => {
    expect(outcome({ limit, exitCode: null, signal: 'SIGKILL' })).toMatchObject({ code, publicMessage: expect.stringContaining(message) });
  });

  it('tells a crash from an end by itself', () => {
    expect(outcome({ exitCode: null, signal: 'SIGSEGV' })).toMatchObject({ code: 'ENGINE_CRASHED', cause: new Error('said') });
    expect([outcome({}), outcome({ exitCode: 1 })]).toEqual([null, null]);
  });

  it('lets a stop win over what it caused, with its own reason', () => {
    const lost = new Failure('WORKER_LOST', 'lost');
    expect(outcome({ signal: 'SIGTERM' }, AbortSignal.abort(lost))).toBe(lost);
    expect(outcome({ signal: 'SIGTERM' }, AbortSignal.abort())).toMatchObject({ code: 'CANCELLED' });
  });
});

test('a deadline that has passed leaves one millisecond', () => {
  expect(wallMsOf(fakeContext({ deadline: new Date(0) }))).toBe(1);
});
