const { count } = require('./jest-level.cjs') as { count: (report: unknown) => { passed: number; failed: number; skipped: number } };
const { parse } = require('./arguments.cjs') as { parse: (argv: string[]) => unknown };

const report = (testResults: unknown[], failed = 0): unknown => ({ numPassedTests: 4, numFailedTests: failed, numPendingTests: 1, numTodoTests: 1, testResults });

describe('the totals of npm test', () => {
  it('count what passed, failed and was skipped', () => {
    expect(count(report([{ status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'failed' }] }], 2))).toEqual({ passed: 4, failed: 2, skipped: 2 });
  });

  it('count a file that could not be loaded as a failure', () => {
    expect(count(report([{ status: 'failed', assertionResults: [] }]))).toMatchObject({ failed: 1 });
  });

  it('come from a command line that makes sense', () => {
    expect(parse(['int', 'blob-store', '--workers=3'])).toEqual({ help: false, only: 'int', pattern: 'blob-store', workers: 3 });
    expect(() => parse(['all'])).toThrow('Unknown part "all": one of lint, types, unit, int, e2e.');
    expect(() => parse(['types', 'x'])).toThrow('types takes no pattern');
    expect(() => parse(['--workers=0'])).toThrow('--workers=0');
  });
});
