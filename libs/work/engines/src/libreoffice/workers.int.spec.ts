import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import sharp from 'sharp';
import type { BenchInput } from '../testing/engine-bench';
import { libreofficeEngine } from './libreoffice-engine';
import { fodt, paragraph, picture } from './testing/odf';
import { OfficeBench, officePids } from './testing/office-bench';
import { textOf } from './testing/pdf-facts';

// Loading LibreOffice takes a second on an idle machine, and many on a crowded one.
jest.setTimeout(120_000);

const state = mkdtempSync(path.join(os.tmpdir(), 'office-state-'));
const bench = new OfficeBench({}, { stateDir: state, slots: 2 });
beforeAll(() => bench.start());
afterAll(async () => {
  await bench.stop();
  expect([officePids(), readdirSync(state)]).toEqual([[], []]);
  rmSync(state, { recursive: true });
});
beforeEach(() => bench.open());
afterEach(() => bench.close());

const doc = (words: string): BenchInput => ({ bytes: fodt(paragraph(words)), type: undefined, filename: 'a.fodt' });
/** Takes LibreOffice many seconds to lay out. */
const LONG: BenchInput = { bytes: Buffer.from('A line of words that go on and on, until the page is full. '.repeat(60).concat('\n').repeat(6000)), type: undefined, filename: 'long.txt' };
const PDF = { output_format: 'pdf' };
const convert = (account: string, words = 'Words', more: object = {}) => bench.bytes(doc(words), PDF, { account, ...more }).then(textOf);

/** The folder that a LibreOffice may write to, and its private /tmp. */
const foldersOf = (pid: number) => [`/proc/${pid}/root/work`, `/proc/${pid}/root/tmp`] as const;

function below(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? below(path.join(dir, entry.name)) : [path.join(dir, entry.name)]));
}

/** The one, of those that `may` be it, that has a document before it. */
async function busy(may: (pid: number) => boolean = () => true): Promise<number> {
  for (;;) {
    const found = officePids().find((pid) => may(pid) && existsSync(`/proc/${pid}/root/work/in`) && readdirSync(`/proc/${pid}/root/work/in`).length > 0);
    if (found !== undefined) return found;
    await delay(5);
  }
}

/** Converts something long for `account` and tells which LibreOffice does it. */
async function startLong(account: string, more: object = {}) {
  const running = bench.convert(LONG, PDF, { account, ...more });
  // Whoever waits for it hears of it.
  running.catch(() => undefined);
  return { running, pid: await busy() };
}

it('keeps nothing of a document', async () => {
  const image = await sharp({ create: { width: 1500, height: 1500, channels: 3, background: '#000', noise: { type: 'gaussian', mean: 128, sigma: 50 } } }).png().toBuffer();
  const secret = { bytes: fodt(paragraph('canary-of-the-first') + picture(image)), type: undefined, filename: 'canary-name.fodt' };
  const first = bench.bytes(secret, PDF, { account: 'anna' });
  const pid = await busy();
  await first;
  const [work, tmp] = foldersOf(pid);
  const traces = () => [...below(work), ...below(tmp)].sort();
  const before = traces();
  await bench.bytes(secret, PDF, { account: 'anna' });
  expect(officePids()).toContain(pid);
  expect(traces()).toEqual(before);
  const files = below(work).filter((file) => statSync(file).isFile());
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter((file) => /canary-(of|name)/.test(readFileSync(file, 'latin1')))).toEqual([]);
  expect(below(tmp).filter((file) => !path.basename(file).startsWith('OSL_PIPE_'))).toEqual([]);

  // Not because there was nothing to remove: what is planted where a document could put it goes with the next one.
  for (const place of [`${work}/tmp`, `${work}/home`, `${work}/profile/user`, tmp]) {
    mkdirSync(path.join(place, 'planted'));
    writeFileSync(path.join(place, 'planted/canary'), 'x');
  }
  await convert('anna');
  expect(traces()).toEqual(before);
});

it('a crash ends its own worker only, and the next attempt is not its victim', async () => {
  expect(await convert('bert')).toBe('Words');
  const { running, pid } = await startLong('anna');
  const neighbour = convert('bert', 'Still here');
  process.kill(pid, 'SIGSEGV');
  await expect(running).rejects.toMatchObject({ code: 'ENGINE_CRASHED' });
  expect(await neighbour).toBe('Still here');
  expect(officePids()).not.toContain(pid);
  expect(await convert('anna', 'Again', { attempt: 2 })).toBe('Again');
});

it('a document that takes too long is ended at its deadline', async () => {
  const { running, pid } = await startLong('anna', { deadline: new Date(Date.now() + 1500) });
  await expect(running).rejects.toMatchObject({ code: 'TIMEOUT' });
  expect(officePids()).not.toContain(pid);
  expect(await convert('anna')).toBe('Words');
});

it('a cancelled task takes its worker along', async () => {
  const stop = new AbortController();
  const { running, pid } = await startLong('anna', { signal: stop.signal });
  stop.abort();
  await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(officePids()).not.toContain(pid);
  await expect(convert('anna', 'x', { signal: stop.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await convert('anna')).toBe('Words');
});

it('converts more documents than there are places, of several accounts', async () => {
  const words = Array.from({ length: 9 }, (_, i) => `Number ${i}`);
  expect(await Promise.all(words.map((word, i) => convert(`account-${i % 3}`, word)))).toEqual(words);
});

test('without its bridge the engine is not there, and the fix is named', async () => {
  const run = async () => ({ exitCode: 1, signal: null, timedOut: false, stdout: '', stderr: 'No module named uno', wallMs: 1, maxRssBytes: 0 });
  const sandbox = { mode: 'bwrap' as const, run, start: () => Promise.reject(new Error('not reached')) };
  await expect(libreofficeEngine.create({ sandbox, faultEnabled: false, nodePath: '', modulesDir: '' })).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    publicMessage: expect.stringContaining('python3-uno'),
  });
});
