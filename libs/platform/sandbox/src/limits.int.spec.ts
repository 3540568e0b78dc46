import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createSandbox, type RunLimits, type RunSpec, type Sandbox } from './index';
import { alive } from './testing/alive';

const LIMITS: RunLimits = { wallMs: 20_000, outputBytes: 4_000_000, openFiles: 256, processes: 64, memoryBytes: 400_000_000 };

let out: string;
let sandbox: Sandbox;
beforeAll(async () => (sandbox = await createSandbox({ mode: 'bwrap' })));
beforeEach(() => (out = mkdtempSync(path.join(os.tmpdir(), 'sandbox-'))));
afterEach(() => rmSync(out, { recursive: true }));

type Options = Parameters<Sandbox['run']>[1];
const run = (argv: string[], limits: Partial<RunLimits> = {}, options: Options = {}, more: Partial<RunSpec> = {}) =>
  sandbox.run({ argv, ro: [], rw: [{ from: out }], limits: { ...LIMITS, ...limits }, ...more }, options);
const shell = (script: string, limits: Partial<RunLimits> = {}, options: Options = {}) => run(['sh', '-c', script], limits, options);

describe('a run', () => {
  it('within its limits ends as its program does', async () => {
    expect(await shell('echo out; echo err >&2; exit 3')).toMatchObject({ exitCode: 3, signal: null, timedOut: false, stdout: 'out\n', stderr: 'err\n' });
    const ended = await shell('kill -SEGV $$');
    expect(ended).toMatchObject({ exitCode: null, signal: 'SIGSEGV' });
    expect(ended).not.toHaveProperty('limit');
  });

  it('is bounded in processes: a fork bomb', async () => {
    const bomb = await shell('bomb() { bomb | bomb & }; bomb; sleep 300', { processes: 40, wallMs: 3000 });
    // Whoever is first: the kernel refuses to fork, or the watcher sees the crowd.
    expect(`${bomb.limit} ${bomb.stderr}`).toMatch(/processes|cannot fork/i);
    expect(await shell('for i in 1 2 3 4 5; do sleep 0.2 & done; wait; echo fine', { processes: 40 })).toMatchObject({ exitCode: 0, stdout: 'fine\n' });
  });

  it('is bounded in output, by one file and by many', async () => {
    expect(await shell(`head -c 5000000 /dev/zero > ${out}/one`)).toMatchObject({ limit: 'output' });
    rmSync(path.join(out, 'one'));
    expect(await shell(`i=0; while :; do i=$((i+1)); head -c 1000000 /dev/zero > ${out}/$i; done`)).toMatchObject({ limit: 'output', signal: 'SIGKILL' });
    expect(readdirSync(out).length).toBeLessThan(2000);
    rmSync(out, { recursive: true });
    out = mkdtempSync(path.join(os.tmpdir(), 'sandbox-'));
    expect(await shell(`mkdir ${out}/d; i=0; while :; do i=$((i+1)); : > ${out}/d/$i; done`, { outputFiles: 50 })).toMatchObject({ limit: 'output' });
  });

  it('may fill its folders up to the limit; what lay there before does not count', async () => {
    for (const name of ['a', 'b']) {
      const full = await shell(`head -c 4000000 /dev/zero > ${out}/${name}`);
      expect(full).toMatchObject({ exitCode: 0 });
      expect(full).not.toHaveProperty('limit');
    }
  });

  it('is bounded in memory, also outside its resident set', async () => {
    const hog = (bytes: number) => run([process.execPath, '-e', `const kept = []; for (let n = 0; n < ${bytes}; n += 2e7) kept.push(Buffer.alloc(2e7, 1)); setTimeout(() => console.log(kept.length), 400)`]);
    expect(await hog(4e9)).toMatchObject({ limit: 'memory', signal: 'SIGKILL' });
    const modest = await hog(1e8);
    expect(modest).toMatchObject({ exitCode: 0, stdout: '5\n' });
    expect(modest.maxRssBytes).toBeGreaterThan(1e8);
    const filled = await shell('head -c 3000000 /dev/zero > /tmp/x; head -c 3000000 /dev/zero > /dev/shm/x; stat -c %s /tmp/x /dev/shm/x', { tmpBytes: 1_048_576 });
    expect(filled.stdout).toBe('1048576\n1048576\n');
  });

  it('is bounded in processor time', async () => {
    expect(await shell('while :; do :; done', { cpuS: 1 })).toMatchObject({ limit: 'cpu', signal: 'SIGXCPU', timedOut: false });
  });

  it('is bounded in time', async () => {
    expect(await shell('sleep 300', { wallMs: 300 })).toMatchObject({ limit: 'time', timedOut: true, signal: 'SIGTERM' });
  });

  it('may print without end into bounded memory, and is told line by line', async () => {
    let lines = 0;
    const flood = await shell('yes line | head -n 200000; echo last', {}, { onStdoutLine: () => (lines += 1) });
    expect(flood.exitCode).toBe(0);
    expect(flood.stdout.length).toBeLessThanOrEqual(65_536);
    expect(flood.stdout.endsWith('line\nlast\n')).toBe(true);
    expect(lines).toBe(200_001);
  });
});

describe('a stopped run', () => {
  /** Aborts once the program has said that it is ready. */
  const abortWhenReady = async (script: string) => {
    const stop = new AbortController();
    let abortedAt = 0;
    const result = await shell(`${script}`, {}, {
      signal: stop.signal,
      onStdoutLine: () => {
        abortedAt = performance.now();
        stop.abort();
      },
    });
    return { result, tookMs: performance.now() - abortedAt };
  };

  it('may clean up at SIGTERM', async () => {
    const { result } = await abortWhenReady(`trap 'echo cleaned > ${out}/x; exit 0' TERM; echo ready; while :; do sleep 0.05; done`);
    expect(result).toMatchObject({ exitCode: 0, timedOut: false });
    expect(readFileSync(path.join(out, 'x'), 'utf8')).toBe('cleaned\n');
  });

  it('dies within two seconds though it ignores SIGTERM', async () => {
    const { result, tookMs } = await abortWhenReady("trap '' TERM; echo ready; while :; do sleep 1; done");
    expect(result.signal).toBe('SIGKILL');
    expect(tookMs).toBeLessThan(2000);
  });

  it('takes its grandchildren along, in sessions of their own too', async () => {
    const mark = `86${process.pid}`;
    const script = `trap '' TERM; setsid sleep ${mark} & setsid sh -c "sleep ${mark}.5 & sleep ${mark}.6" & sleep ${mark}.7`;
    const stop = new AbortController();
    const ended = shell(script, {}, { signal: stop.signal });
    while (alive(`sleep\0${mark}`) < 4) await delay(10);
    stop.abort();
    await ended;
    expect(alive(mark)).toBe(0);
  });

  it('leaves nothing behind when its program ends before its children', async () => {
    const mark = `87${process.pid}`;
    expect(await shell(`setsid sleep ${mark} & exit 0`)).toMatchObject({ exitCode: 0 });
    expect(alive(mark)).toBe(0);
  });

  it('never starts when it was stopped before', async () => {
    expect(await shell(`echo x > ${out}/x`, {}, { signal: AbortSignal.abort() })).toMatchObject({ exitCode: null });
    expect(readdirSync(out)).toEqual([]);
  });
});
