import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import sharp from 'sharp';
import { sniff } from '@millrace/file-types';
import { acting, linking, reaching, type Hostile } from './testing/hostile';
import { Listener } from './testing/listener';
import { docx } from './testing/ooxml';
import { fods, fodt, paragraph, picture } from './testing/odf';
import { OfficeBench, officePids } from './testing/office-bench';
import { imageWidths, textOf, unpacked } from './testing/pdf-facts';

// Loading LibreOffice takes a second on an idle machine, and many on a crowded one.
jest.setTimeout(120_000);

const CANARY_WIDTH = 37;
const dir = mkdtempSync(path.join(os.tmpdir(), 'hostile-'));
const canary = path.join(dir, 'canary.png');
const target = path.join(dir, 'left-by-a-macro');
let red: Buffer;
let listener: Listener;
const jailed = new OfficeBench();
const bare = new OfficeBench({}, { jail: false });
const benches = [jailed, bare];

beforeAll(async () => {
  red = await sharp({ create: { width: CANARY_WIDTH, height: CANARY_WIDTH, channels: 3, background: '#ff0000' } }).png().toBuffer();
  writeFileSync(canary, red);
  process.env.CANARY_ENV = 'canary-of-the-environment';
  listener = await Listener.start();
  for (const bench of benches) await bench.start();
});
afterAll(async () => {
  delete process.env.CANARY_ENV;
  for (const bench of benches) await bench.stop();
  await listener.close();
  rmSync(dir, { recursive: true });
});
beforeEach(() => {
  listener.hits.length = 0;
  for (const bench of benches) bench.open();
});
afterEach(() => {
  for (const bench of benches) bench.close();
});

const url = (name: string) => listener.url(name);
const all = (): Hostile[] => [...linking(url, canary), ...reaching(url, canary), ...acting(target)];
const toPdf = (bench: OfficeBench, [filename, bytes]: Hostile) => bench.bytes({ bytes, filename, type: sniff(bytes)?.ext }, { output_format: 'pdf' });

/** Each is converted, or refused as a bad document; none is a crash. */
async function tried(bench: OfficeBench, one: Hostile): Promise<Buffer | undefined> {
  return toPdf(bench, one).catch((error: { code?: string }) => {
    expect(`${one[0]} ${error.code}`).toBe(`${one[0]} INVALID_INPUT`);
    return undefined;
  });
}

it('reaches nothing from inside the jail, and converts a control in the same worker right after', async () => {
  expect(await textOf(await toPdf(jailed, ['a.fodt', fodt(paragraph('Control'))]))).toBe('Control');
  const { started } = jailed;
  const converted: string[] = [];
  for (const one of all()) {
    const pdf = await tried(jailed, one);
    if (!pdf) continue;
    converted.push(one[0]);
    expect(`${one[0]} ${await textOf(pdf)}`).toMatch(/words/);
    // A web page shows a sign of its own for a picture that is not there.
    expect(`${one[0]} ${(await imageWidths(pdf)).filter((width) => width === CANARY_WIDTH)}`).toBe(`${one[0]} `);
    expect(await unpacked(pdf)).not.toMatch(/canary-of-the-environment/);
    expect(await textOf(await toPdf(jailed, ['a.fodt', fodt(paragraph('Control'))]))).toBe('Control');
  }
  expect(converted).toEqual(all().map(([name]) => name));
  expect([listener.hits, existsSync(target)]).toEqual([[], false]);
  // One spare when the first document came, and no more: no worker was lost to any of them.
  expect(jailed.started).toBe(started);
});

it('runs no macro and follows no link without the jail either, but for those of a web page', async () => {
  for (const one of all().filter(([name]) => name !== 'page.html')) {
    const pdf = await tried(bare, one);
    if (pdf) expect(`${one[0]} ${await imageWidths(pdf)}`).toBe(`${one[0]} `);
  }
  expect([listener.hits, existsSync(target)]).toEqual([[], false]);
});

it('which a LibreOffice as it is installed does', async () => {
  const files = linking(url, canary).map(([name, bytes]) => {
    writeFileSync(path.join(dir, name), bytes);
    return path.join(dir, name);
  });
  const argv = ['--headless', `-env:UserInstallation=file://${dir}/profile`, '--convert-to', 'pdf', '--outdir', dir, ...files];
  await promisify(execFile)('/usr/bin/soffice', argv, { timeout: 100_000 });
  expect(listener.hits).toContain('tcp');
  expect(await imageWidths(readFileSync(path.join(dir, 'image-file.pdf')))).toEqual([CANARY_WIDTH]);
});

it.each<[string, () => Hostile]>([
  ['a fodt with a picture of its own', () => ['a.fodt', fodt(paragraph('words') + picture(red))]],
  ['a docx with a picture of its own', () => ['a.docx', docx({ text: 'words', image: red })]],
  ['a page with a picture of its own', () => ['a.html', Buffer.from(`<html><body>words<img src="data:image/png;base64,${red.toString('base64')}"></body></html>`)]],
  ['an rtf with a picture of its own', () => ['a.rtf', Buffer.from(`{\\rtf1\\ansi words {\\pict\\pngblip\\picw${CANARY_WIDTH}\\pich${CANARY_WIDTH}\\picwgoal600\\pichgoal600 ${red.toString('hex')}}\\par}`)]],
])('%s keeps it', async (_, twin) => {
  const pdf = await toPdf(jailed, twin());
  expect([await textOf(pdf), await imageWidths(pdf)]).toEqual(['words', [CANARY_WIDTH]]);
});

it('a table with a formula of its own keeps its value', async () => {
  const sum = '<table:table-cell table:formula="of:=1+2" office:value-type="float" office:value="3"><text:p>3</text:p></table:table-cell>';
  expect(await textOf(await toPdf(jailed, ['a.fods', fods({ S: [['words', sum]] })]))).toBe('S words 3 Page 1');
});

it('a web page named .doc is refused before it is opened', async () => {
  const page = linking(url, canary).find(([name]) => name === 'page.html')![1];
  await expect(toPdf(jailed, ['page.doc', page])).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  expect(listener.hits).toEqual([]);
});

it('LibreOffice has nothing in its environment but what it needs', () => {
  const pids = officePids().filter((pid) => existsSync(`/proc/${pid}/root/driver`));
  expect(pids.length).toBeGreaterThan(0);
  for (const pid of pids) {
    const names = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').filter(Boolean).map((entry) => entry.split('=')[0]);
    expect(names.sort()).toEqual(['HOME', 'LANG', 'PATH', 'PWD', 'SAL_USE_VCLPLUGIN', 'TMPDIR', 'URE_BOOTSTRAP']);
  }
});
