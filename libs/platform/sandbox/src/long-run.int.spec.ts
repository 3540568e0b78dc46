import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createSandbox, type RunLimits, type RunOptions, type Sandbox } from './index';
import { alive } from './testing/alive';

const LIMITS: RunLimits = { wallMs: Infinity, outputBytes: 1_000_000, openFiles: 256, processes: 64, memoryBytes: 400_000_000 };
const ECHO = 'while read -r line; do echo "got $line"; done';

let out: string;
let sandbox: Sandbox;
beforeAll(async () => (sandbox = await createSandbox({ mode: 'bwrap' })));
beforeEach(() => (out = mkdtempSync(path.join(os.tmpdir(), 'sandbox-'))));
afterEach(() => rmSync(out, { recursive: true }));

/** A program and the lines it prints, one at a time. */
async function start(argv: string[], limits: Partial<RunLimits> = {}, options: RunOptions = {}) {
  const lines: string[] = [];
  const running = await sandbox.start({ argv, ro: [], rw: [{ from: out }], limits: { ...LIMITS, ...limits } }, { ...options, onStdoutLine: (line) => lines.push(line) });
  const line = async () => {
    while (lines.length === 0) await delay(5);
    return lines.shift();
  };
  const ask = (text: string) => (running.stdin.write(`${text}\n`), line());
  return { running, line, ask };
}
const shell = (script: string, limits: Partial<RunLimits> = {}, options: RunOptions = {}) => start(['sh', '-c', script], limits, options);

describe('a long-lived program', () => {
  it('is spoken to again and again, and ends when its input does', async () => {
    const { running, ask } = await shell(ECHO);
    expect([await ask('one'), await ask('two')]).toEqual(['got one', 'got two']);
    running.stdin.end();
    expect(await running.ended).toMatchObject({ exitCode: 0, stdout: 'got one\ngot two\n' });
    running.stdin.write('nobody hears this\n');
  });

  it('stands behind the walls of every run', async () => {
    const { running, ask } = await shell('read -r _; echo "$(ls /home /root 2>&1 | wc -l) $(grep -c : /proc/net/dev) $(grep Seccomp: /proc/self/status)"; read -r _');
    const view = await ask('');
    // Two complaints about folders that are not there, the loopback alone, a filter.
    expect(view).toBe('2 1 Seccomp:\t2');
    running.kill();
    await running.ended;
  });

  it('that is killed leaves nothing, in sessions of its own neither', async () => {
    const mark = `88${process.pid}`;
    const { running, line } = await shell(`trap '' TERM; setsid sleep ${mark} & setsid sh -c "sleep ${mark}.5; :" & echo ready; read -r _`);
    await line();
    while (alive(`sleep\0${mark}`) < 2) await delay(5);
    running.kill();
    const ended = await running.ended;
    expect(ended).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
    expect(ended).not.toHaveProperty('limit');
    expect(alive(mark)).toBe(0);
  });

  it('is ended by its signal, and never starts after it', async () => {
    const stop = new AbortController();
    const { running, line } = await shell("trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.02; done", {}, { signal: stop.signal });
    await line();
    stop.abort();
    expect(await running.ended).toMatchObject({ exitCode: 7 });
    const late = await shell(`echo x > ${out}/x`, {}, { signal: stop.signal });
    late.running.stdin.write('to nobody\n');
    expect(await late.running.ended).toMatchObject({ exitCode: null });
    expect(readdirSync(out)).toEqual([]);
  });

  it('is bounded in memory, and tells how much it holds', async () => {
    const hog = 'process.stdin.on("data", (n) => { globalThis.kept = Buffer.alloc(Number(n), 1); console.log("held"); })';
    const { running, ask } = await start([process.execPath, '-e', hog]);
    expect(await ask('100000000')).toBe('held');
    while (running.residentBytes < 100_000_000) await delay(20);
    running.stdin.write('600000000');
    expect(await running.ended).toMatchObject({ limit: 'memory', signal: 'SIGKILL' });
  });

  it('is bounded in output since the last reset', async () => {
    const { running, ask } = await shell(`while read -r n; do head -c $n /dev/zero > ${out}/$n; echo done; done`);
    for (const bytes of [700_000, 800_000, 900_000]) {
      expect(await ask(String(bytes))).toBe('done');
      await running.resetOutput();
    }
    await ask('600000');
    running.stdin.write('500000\n');
    expect(await running.ended).toMatchObject({ limit: 'output' });
  });

  it('that cannot be set up says so where its end is told', async () => {
    const running = await sandbox.start({ argv: ['true'], ro: [{ from: path.join(out, 'absent') }], rw: [], limits: LIMITS });
    await expect(running.ended).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  });

  it('does not outlive the process that started it', async () => {
    const mark = `89${process.pid}`;
    const root = path.resolve(__dirname, '../../../..');
    const parent = path.join(out, 'parent.cjs');
    writeFileSync(
      parent,
      `const swc = require('@swc/core');
      const options = { swcrc: false, jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true } }, module: { type: 'commonjs' } };
      require.extensions['.ts'] = (module, file) => module._compile(swc.transformFileSync(file, options).code, file);
      const resolve = module.constructor._resolveFilename;
      module.constructor._resolveFilename = (name, ...rest) => resolve(name.replace(/^@millrace\\/(failures|telemetry|config)$/, '${root}/libs/foundation/$1/src/index.ts').replace(/^@millrace\\/(contracts)$/, '${root}/libs/$1/src/index.ts'), ...rest);
      require('${__dirname}/index.ts').createSandbox({ mode: 'bwrap' }).then((sandbox) => sandbox.start(
        { argv: ['sleep', '${mark}'], ro: [], rw: [], limits: { wallMs: Infinity, outputBytes: 1, openFiles: 64, processes: 8, memoryBytes: 1e9 } }));`,
    );
    const child = spawn(process.execPath, [parent], { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, NODE_PATH: path.join(root, 'node_modules') } });
    const exited = once(child, 'exit');
    while (alive(`sleep\0${mark}`) === 0) {
      expect(child.exitCode).toBeNull();
      await delay(10);
    }
    child.kill('SIGKILL');
    await exited;
    while (alive(mark) > 0) await delay(10);
  });
});

test('a pair of them is independent', async () => {
  const [first, second] = [await shell(ECHO), await shell(ECHO)];
  first.running.kill();
  await first.running.ended;
  expect(await second.ask('still here')).toBe('got still here');
  second.running.kill();
  await second.running.ended;
});
