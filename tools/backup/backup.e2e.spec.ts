import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { checkInvariants, withDatabase } from '../chaos/invariants';
import { CONTENT, noop, sleep, twoStep, upload } from '../chaos/jobs';
import { type Stack, startStack } from '../testing/stack';

const checkout = path.resolve(__dirname, '../..');
const runTool = async (action: 'take' | 'restore', args: readonly string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, [path.join(checkout, 'tools/up/up.cjs'), 'backup', action, ...args], { cwd: checkout })).stdout;

jest.setTimeout(180_000);

describe('backup and restore', () => {
  let folder: string;
  const stacks: Stack[] = [];
  const at = (name: string): string => path.join(folder, name);

  const start = async (dataDir: string): Promise<Stack> => {
    mkdirSync(dataDir, { recursive: true, mode: 0o711 });
    const stack = await startStack({ dataDir });
    stacks.push(stack);
    return stack;
  };

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'millrace-backup-'));
    chmodSync(folder, 0o711);
  });

  afterAll(async () => {
    for (const stack of stacks) await stack.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }, 120_000);

  it('every job that was in flight ends where it was restored, and finished files are there byte by byte', async () => {
    const old = await start(at('old'));
    const finished = await old.api.createJob(twoStep());
    await old.api.wait(finished);
    const waiting = await old.api.createJob(upload());
    const running = await Promise.all(Array.from({ length: 20 }, () => old.api.createJob(sleep(3_000))));
    await old.api.until(running[0]!, ({ status }) => status === 'processing' || status === 'finished');

    // Jobs go on being made and done under the copy.
    let copying = true;
    const meanwhile = (async () => {
      while (copying) await old.api.wait(await old.api.createJob(noop()));
    })();
    await runTool('take', [at('copy'), `--data-dir=${at('old')}`]);
    copying = false;
    await meanwhile;
    await expect(runTool('take', [at('copy'), `--data-dir=${at('old')}`])).rejects.toThrow('is there already');
    await expect(runTool('restore', [at('copy'), `--data-dir=${at('old')}`])).rejects.toThrow('holds an installation');
    await old.stop();
    rmSync(at('old'), { recursive: true });

    await runTool('restore', [at('copy'), `--data-dir=${at('new')}`]);
    const restored = await start(at('new'));
    expect(restored.apiKey).toBe(old.apiKey);
    const form = (await restored.api.get(waiting)).tasks[0]!.result!.form!;
    const here = { ...form, url: new URL(new URL(form.url).pathname, restored.baseUrl).href };
    expect(await restored.api.upload(here, 'in.txt', CONTENT)).toBe(201);
    const all = await withDatabase(restored, async (client) => (await client.query<{ id: string }>('select id::text from jobs')).rows.map(({ id }) => id));
    expect(all).toEqual(expect.arrayContaining([finished, waiting, ...running]));
    for (const job of all) expect(await restored.api.wait(job)).toMatchObject({ status: 'finished' });
    // Runs of then died with the copy; some jobs of the 20 were in them.
    const lost = await withDatabase(restored, async (client) => (await client.query(`select from job_events where type = 'AttemptLost'`)).rowCount);
    expect(lost).toBeGreaterThan(0);
    for (const job of [finished, waiting]) {
      const out = (await restored.api.get(job)).tasks.find(({ name }) => name === 'out')!;
      expect(await restored.api.download(out.result!.files![0]!.url!)).toEqual(CONTENT);
    }
    expect(await checkInvariants(restored, all)).toEqual([]);
  });

  it('what was broken off is no backup', async () => {
    mkdirSync(at('half/postgres'), { recursive: true });
    await expect(runTool('restore', [at('half'), `--data-dir=${at('none')}`])).rejects.toThrow('no complete backup');
    expect(existsSync(at('none'))).toBe(false);
    await expect(runTool('take', [at('other'), `--data-dir=${at('none')}`])).rejects.toThrow('Nothing runs');
  });
});
