import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { endProcess } from './end-process';
import { AlreadyRunning, lockHolder, takeLock } from './lock';
import { identify, isAlive } from './process-identity';
import { endLeftovers } from './process-record';

describe('who runs in a data folder', () => {
  let folder: string;
  let lock: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'millrace-lock-'));
    lock = path.join(folder, 'lock');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  const stranger = async (): Promise<{ pid: number; end: () => Promise<void> }> => {
    const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
    await once(child, 'spawn');
    const identity = identify(child.pid!)!;
    return { pid: child.pid!, end: () => endProcess(identity, 'SIGKILL', 0) };
  };

  it('is one process at a time', () => {
    const release = takeLock(lock, folder);
    expect(() => takeLock(lock, folder)).toThrow(AlreadyRunning);
    expect(lockHolder(lock)).toEqual(identify(process.pid));
    release();
    takeLock(lock, folder)();
    expect(existsSync(lock)).toBe(false);
  });

  it('is nobody when the pid of the lock belongs to another process by now', async () => {
    const other = await stranger();
    writeFileSync(lock, JSON.stringify({ pid: other.pid, startTime: '1' }));
    takeLock(lock, folder)();
    expect(identify(other.pid)).toBeDefined();
    await other.end();
  });

  it('is found by pid and start time: a stranger with a recorded pid lives on, the recorded process ends', async () => {
    const [ours, other] = [await stranger(), await stranger()];
    const identity = identify(ours.pid)!;
    const processes = [
      { name: 'engine-ffmpeg', index: 0, restarts: 0, ...identity },
      { name: 'export-service', index: 0, restarts: 0, pid: other.pid, startTime: '1' },
    ];
    const record = path.join(folder, 'record');
    writeFileSync(record, JSON.stringify({ processes }));
    await endLeftovers(record);
    expect(isAlive(identity)).toBe(false);
    expect(isAlive(identify(other.pid)!)).toBe(true);
    expect(existsSync(record)).toBe(false);
    await other.end();
  });

  it('ends a process that ignores SIGTERM, with its children', async () => {
    const child = spawn('sh', ['-c', 'trap "" TERM; sleep 1000 & echo $!; wait'], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const grandchild = identify(Number(String(line)))!;
    await endProcess(identify(child.pid!)!, 'SIGTERM', 300);
    expect([identify(child.pid!) && isAlive(identify(child.pid!)!), isAlive(grandchild)]).not.toContain(true);
  });
});
