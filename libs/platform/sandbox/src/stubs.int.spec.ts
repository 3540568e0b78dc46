import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { endStubs } from './stubs';

describe('endStubs', () => {
  it('ends what waits alone, and leaves what is young or has children', async () => {
    const mark = `stub-${process.pid}`;
    const launched = `sh\0-c\0read line; exit 0\0${mark}\0`;
    const alone = spawn('sh', ['-c', 'read line; exit 0', mark], { stdio: ['pipe', 'ignore', 'ignore'] });
    const ended = once(alone, 'exit');
    await once(alone, 'spawn');
    expect(endStubs(launched, 1_000_000_000)).toBe(0);
    expect(endStubs(`sh\0-c\0other\0`, 0)).toBe(0);
    expect(endStubs(launched, 0)).toBe(1);
    expect(await ended).toEqual([null, 'SIGKILL']);

    const script = 'sleep 300 & echo ready; read line; kill $!; exit 0';
    const busy = spawn('sh', ['-c', script, mark], { stdio: ['pipe', 'pipe', 'ignore'] });
    const done = once(busy, 'exit');
    await once(busy.stdout, 'data');
    expect(endStubs(`sh\0-c\0${script}\0${mark}\0`, 0)).toBe(0);
    busy.stdin.end('\n');
    expect(await done).toEqual([0, null]);
  });
});
