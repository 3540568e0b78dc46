import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rotate } from './log-file';
import { ManagedProcess } from './managed-process';
import { isAlive } from './process-identity';
import { until } from './until';

describe('a managed process', () => {
  let folder: string;
  let said: jest.SpyInstance<void, [message?: unknown, ...rest: unknown[]]>;
  let managed: ManagedProcess | undefined;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'millrace-managed-'));
    said = jest.spyOn(console, 'error').mockImplementation();
  });

  afterEach(async () => {
    await managed?.stop();
    said.mockRestore();
    rmSync(folder, { recursive: true });
  });

  const manage = (script: string, soundMs: number): ManagedProcess =>
    (managed = new ManagedProcess({
      name: 'thing',
      index: 0,
      command: () => ({ program: 'sh', args: ['-c', script], env: process.env }),
      logFile: path.join(folder, 'log'),
      healthy: () => Promise.resolve(true),
      graceMs: 200,
      backoff: { firstMs: 1, maxMs: 8, soundMs },
    }));

  const waits = (): number[] => said.mock.calls.map(([text]) => Number(/in (\d+) ms/.exec(String(text))![1]));

  it('is started again with growing waits, up to a limit', async () => {
    const thing = manage('echo started; exit 3', 60_000);
    thing.start();
    expect(await until(() => thing.restarts >= 5, 10_000)).toBe(true);
    expect(waits().slice(0, 5)).toEqual([1, 2, 4, 8, 8]);
    expect(String(said.mock.calls[0]![0])).toContain('thing-0 ended with 3');
    expect(readFileSync(path.join(folder, 'log'), 'utf8')).toContain('started\nstarted\n');
  });

  it('starts from the shortest wait once it ran well', async () => {
    const thing = manage('exit 3', 0);
    thing.start();
    expect(await until(() => thing.restarts >= 3, 10_000)).toBe(true);
    expect(waits().slice(0, 3)).toEqual([1, 1, 1]);
  });

  it('stays stopped when it was told to stop', async () => {
    const thing = manage('exec sleep 1000', 60_000);
    thing.start();
    const identity = thing.identity!;
    await thing.stop();
    expect(isAlive(identity)).toBe(false);
    expect(said).not.toHaveBeenCalled();
  });

  it('keeps its log below a size', async () => {
    const thing = manage('echo 12345678; exec sleep 1000', 60_000);
    thing.start();
    const log = path.join(folder, 'log');
    expect(await until(() => readFileSync(log, 'utf8').length === 9, 10_000)).toBe(true);
    rotate(log, 8);
    expect([readFileSync(log, 'utf8'), readFileSync(`${log}.1`, 'utf8')]).toEqual(['', '12345678\n']);
  });
});
