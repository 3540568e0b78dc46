import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createSandbox } from './index';

const LIMITS = { wallMs: 20_000, outputBytes: 1_000_000, openFiles: 256, processes: 64, memoryBytes: 400_000_000 };

let dir: string;
beforeEach(() => (dir = mkdtempSync(path.join(os.tmpdir(), 'sandbox-'))));
afterEach(() => rmSync(dir, { recursive: true }));

describe('createSandbox', () => {
  it('refuses to start without bubblewrap, and names the fix', async () => {
    await expect(createSandbox({ mode: 'bwrap', bwrapPath: path.join(dir, 'bwrap') })).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      publicMessage: expect.stringContaining('apt-get install bubblewrap'),
    });
  });

  it('refuses to start where the jail cannot be made, and tells what bwrap said', async () => {
    const bwrapPath = path.join(dir, 'bwrap');
    writeFileSync(bwrapPath, '#!/bin/sh\n[ "$1" = --help ] && exit 0\necho "bwrap: No permissions to create a new namespace" >&2\nexit 1\n');
    chmodSync(bwrapPath, 0o755);
    await expect(createSandbox({ mode: 'bwrap', bwrapPath })).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      publicMessage: expect.stringContaining('No permissions to create a new namespace'),
    });
  });

  it('reports a jail that could not be set up for one run', async () => {
    const sandbox = await createSandbox({ mode: 'bwrap' });
    const spec = { argv: ['true'], ro: [{ from: path.join(dir, 'absent') }], rw: [], limits: LIMITS };
    await expect(sandbox.run(spec)).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    await expect(sandbox.run({ ...spec, ro: [{ from: dir }] })).resolves.toMatchObject({ exitCode: 0 });
  });
});

describe('mode off', () => {
  it('warns, runs, limits and stops', async () => {
    const warned: string[] = [];
    const sandbox = await createSandbox({ mode: 'off', log: { warn: (_, msg) => warned.push(msg) } });
    expect(warned).toEqual([expect.stringContaining('SANDBOX IS OFF')]);
    const run = (script: string, wallMs = 20_000) => sandbox.run({ argv: ['sh', '-c', script], ro: [], rw: [{ from: dir }], limits: { ...LIMITS, wallMs } });
    expect(await run(`env; echo x > ${dir}/x`)).toMatchObject({ exitCode: 0, stdout: expect.not.stringContaining('npm_') });
    expect(existsSync(path.join(dir, 'x'))).toBe(true);
    expect(await run(`head -c 2000000 /dev/zero > ${dir}/y`)).toMatchObject({ limit: 'output' });
    expect(await run("trap '' TERM; sleep 300 & sleep 300; sleep 300", 200)).toMatchObject({ limit: 'time', signal: 'SIGKILL' });
  });

  it('refuses a view that only a jail can give', async () => {
    const sandbox = await createSandbox({ mode: 'off' });
    await expect(sandbox.run({ argv: ['true'], ro: [{ from: dir, to: '/in' }], rw: [], limits: LIMITS })).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  });
});
