import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fakeContext, type Engine, type LocalOutput } from '@millrace/engine-kit';
import { createSandbox, type Sandbox } from '@millrace/sandbox';
import { faultEngine } from './fault-engine';

let sandbox: Sandbox;
let engine: Engine;
let dir: string;
const starts: string[] = [];
const deps = (faultEnabled: boolean) => {
  const counted: Sandbox = { ...sandbox, run: (spec, options) => (starts.push(spec.argv[0]!), sandbox.run(spec, options)) };
  return { sandbox: counted, faultEnabled, nodePath: process.execPath, modulesDir: '/nonexistent' };
};
beforeAll(async () => {
  sandbox = await createSandbox({ mode: 'bwrap' });
  engine = await faultEngine('fault').create(deps(true));
});
beforeEach(() => {
  starts.length = 0;
  dir = mkdtempSync(path.join(os.tmpdir(), 'fault-'));
  for (const name of ['in', 'out']) mkdirSync(path.join(dir, name));
  writeFileSync(path.join(dir, 'in/a'), 'content');
});
afterEach(() => rmSync(dir, { recursive: true }));

const context = (options: Record<string, unknown>, more: object = {}) => {
  const inputs = [{ blob: 'blob-1', path: path.join(dir, 'in/a'), filename: 'a.txt', size: 7, type: 'txt', task: 't' }];
  return fakeContext({ inputs, options, outDir: path.join(dir, 'out'), ...more });
};
const run = (options: Record<string, unknown>, more: object = {}) => engine.run(context(options, more));
const pathOf = (file: unknown) => (file as LocalOutput).path;

describe('the fault engine', () => {
  it('exists only where it is enabled', async () => {
    await expect(faultEngine('fault-media').create(deps(false))).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    expect(await faultEngine('fault-media').create(deps(true))).toMatchObject({ name: 'fault-media', version: '1.0' });
  });

  it('noop hands its inputs on and starts nothing', async () => {
    expect((await run({ mode: 'noop' })).files).toEqual([{ blob: 'blob-1', filename: 'a.txt', size: 7, type: 'txt' }]);
    expect((await run({ mode: 'noop' }, { inputs: [] })).files).toEqual([]);
    expect(starts).toEqual([]);
  });

  it('copy, sleep and progress hand on a copy, or a file of the size asked for', async () => {
    const { files } = await run({ mode: 'copy' });
    expect(files).toEqual([{ path: path.join(dir, 'out/0'), filename: 'a.txt', expect: 'txt' }]);
    expect(readFileSync(pathOf(files[0]), 'utf8')).toBe('content');
    expect(statSync(pathOf((await run({ mode: 'sleep', ms: 20, bytes: 100_000 })).files[0])).size).toBe(100_000);
    const ctx = context({ mode: 'progress', ms: 20 });
    await engine.run(ctx);
    expect(ctx.reported).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
  });

  it('garbage is not what it promises', async () => {
    const { files } = await run({ mode: 'garbage', bytes: 5000 });
    expect(files[0]).toMatchObject({ expect: 'png' });
    expect(statSync(pathOf(files[0])).size).toBe(5000);
  });

  it.each([
    ['crash', 'ENGINE_CRASHED', 'SIGSEGV'],
    ['nothing', 'ENGINE_CRASHED', 'produced no output'],
    ['too_much', 'LIMIT_EXCEEDED', '256 MiB of output'],
    ['fail', 'INVALID_INPUT', 'as it was asked'],
    ['bogus', 'INVALID_INPUT', 'mode'],
  ])('%s ends as %s', async (mode, code, message) => {
    await expect(run({ mode })).rejects.toMatchObject({ code, publicMessage: expect.stringContaining(message) });
  });

  it('fails with the code it is asked for', async () => {
    await expect(run({ mode: 'fail', code: 'LIMIT_EXCEEDED' })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  it('misbehaves for as many attempts as it is told', async () => {
    const options = { mode: 'crash', times: 2 };
    for (const attempt of [1, 2]) await expect(run(options, { attempt })).rejects.toMatchObject({ code: 'ENGINE_CRASHED' });
    expect((await run(options, { attempt: 3 })).files).toHaveLength(1);
  });

  it.each(['hang', 'ignore_sigterm', 'sleep'])('%s is ended by its deadline, and by a stop', async (mode) => {
    const options = { mode, ms: 3_600_000 };
    await expect(run(options, { deadline: new Date(Date.now() + 100) })).rejects.toMatchObject({ code: 'TIMEOUT' });
    const stop = new AbortController();
    const stopped = run(options, { signal: stop.signal });
    while (starts.length < 2) await delay(5);
    stop.abort();
    await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('progress is ended by a stop', async () => {
    const stop = new AbortController();
    await expect(run({ mode: 'progress', ms: 3_600_000 }, { signal: stop.signal, progress: () => stop.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('kill_worker kills its own process, without warning', async () => {
    const kill = jest.spyOn(process, 'kill').mockReturnValue(true);
    try {
      await run({ mode: 'kill_worker' });
      expect(kill).toHaveBeenCalledWith(process.pid, 'SIGKILL');
    } finally {
      kill.mockRestore();
    }
  });
});
