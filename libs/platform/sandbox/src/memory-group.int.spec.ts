import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { groupBases } from './group-bases';
import { createSandbox, type RunLimits, type Sandbox } from './index';

const MIB = 1024 ** 2;
const LIMITS: RunLimits = { wallMs: 30_000, outputBytes: 700 * MIB, openFiles: 256, processes: 64, memoryBytes: 100 * MIB, tmpBytes: 10 * MIB };

const bases = groupBases();
const mayBound = process.getuid?.() === 0 && bases.memory !== undefined && existsSync('/usr/bin/python3');
if (!mayBound) console.warn('Not tested: memory bounds by the kernel. They need root, a memory controller of control groups that can be written to, and python3 here.');
const itBounded = mayBound ? it : it.skip;

let out: string;
let bounded: Sandbox;
let sampled: Sandbox;
beforeAll(async () => {
  bounded = await createSandbox({ mode: 'bwrap' });
  sampled = await createSandbox({ mode: 'bwrap', groups: {} });
});
beforeEach(() => (out = mkdtempSync(path.join(os.tmpdir(), 'memory-'))));
afterEach(() => rmSync(out, { recursive: true }));

const python = (sandbox: Sandbox, program: string, limits: Partial<RunLimits> = {}) =>
  sandbox.run({ argv: ['python3', '-c', program], ro: [], rw: [{ from: out }], limits: { ...LIMITS, ...limits } });

/** Fills files in memory, which are nobody's resident set, and says so at the end. */
const hidden = (mebibytes: number) => `
import os
files = [os.memfd_create(str(n)) for n in range(${mebibytes} // 100)]
for file in files:
    for _ in range(100): os.write(file, b'x' * ${MIB})
print('kept')`;

describe('memory bounded by the kernel', () => {
  itBounded('ends at once what no sample of resident memory can see', async () => {
    expect(await python(bounded, hidden(600))).toMatchObject({ limit: 'memory', stdout: '' });
    // Without the group it is kept: so it is the group that stops it.
    const kept = await python(sampled, hidden(600));
    expect(kept).toMatchObject({ exitCode: 0, stdout: 'kept\n' });
    expect(kept).not.toHaveProperty('limit');
    expect(await python(bounded, hidden(100))).toMatchObject({ exitCode: 0, stdout: 'kept\n' });
  });

  itBounded('ends a burst before it is as large as it wants to be', async () => {
    const burst = await python(bounded, `x = b'x' * ${2000 * MIB}; print(len(x))`);
    expect(burst).toMatchObject({ limit: 'memory', signal: 'SIGKILL', stdout: '' });
    expect(burst.maxRssBytes).toBeLessThan(200 * MIB);
    expect(await python(bounded, `x = b'x' * ${50 * MIB}; print(len(x))`)).toMatchObject({ exitCode: 0, stdout: `${50 * MIB}\n` });
  });

  itBounded('ends the whole run when a child of it is ended', async () => {
    const parent = `
import subprocess, sys, time
subprocess.run([sys.executable, '-c', "x = b'x' * ${2000 * MIB}"])
print('went on', flush=True)
time.sleep(20)`;
    expect(await python(bounded, parent)).toMatchObject({ limit: 'memory' });
  });

  itBounded('does not count what is written to files against it', async () => {
    const written = await python(bounded, `open('${out}/big', 'wb').writelines(b'x' * ${MIB} for _ in range(600)); print('written')`);
    expect(written).toMatchObject({ exitCode: 0, stdout: 'written\n' });
    expect(written).not.toHaveProperty('limit');
  });

  itBounded('groups that a killed process left behind are swept away by the next', async () => {
    // No process has this number: it is one above the highest that Linux gives.
    const dirs = Object.values(bases).map(({ dir }) => path.join(dir, 'millrace-4194305-1'));
    for (const dir of dirs) mkdirSync(dir);
    groupBases();
    expect(dirs.filter((dir) => existsSync(dir))).toEqual([]);
  });

  itBounded('leaves no group behind', async () => {
    const mine = () => Object.values(bases).flatMap(({ dir }) => readdirSync(dir).filter((name) => name.startsWith('millrace-')));
    const before = mine();
    await Promise.all([python(bounded, 'print(1)'), python(bounded, hidden(600))]);
    // Jails of other processes come and go.
    const left = mine().filter((name) => !before.includes(name) && !existsSync(`/proc/${name.split('-')[1]}`));
    expect(left).toEqual([]);
  });
});
