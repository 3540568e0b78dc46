import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fakeContext, type Engine, type LocalOutput, type TaskContext } from '@millrace/engine-kit';
import { createSandbox } from '@millrace/sandbox';
import { HOSTILE, pdf, type Page } from '../testing/pdf';
import { qpdfEngine } from './qpdf-engine';

let engine: Engine;
let dir: string;
beforeAll(async () => {
  const sandbox = await createSandbox({ mode: 'bwrap' });
  engine = await qpdfEngine.create({ sandbox, faultEnabled: false, nodePath: process.execPath, modulesDir: '/' });
});
beforeEach(() => (dir = mkdtempSync(path.join(os.tmpdir(), 'qpdf-'))));
afterEach(() => rmSync(dir, { recursive: true }));

const at = (name: string) => path.join(dir, name);

async function merge(documents: readonly Buffer[], options: Record<string, unknown> = {}, more: Partial<TaskContext> = {}) {
  for (const folder of ['in', 'out', 'scratch']) {
    rmSync(at(folder), { recursive: true, force: true });
    mkdirSync(at(folder));
  }
  const inputs = documents.map((bytes, index) => {
    const file = at(`in/${index}/input.pdf`);
    mkdirSync(path.dirname(file));
    writeFileSync(file, bytes);
    return { blob: `b${index}`, path: file, filename: `document ${index}.pdf`, size: bytes.length, type: 'pdf', task: 't' };
  });
  const ctx = fakeContext({ operation: 'merge', inputs, options: { output_format: 'pdf', ...options }, inDir: at('in'), outDir: at('out'), scratchDir: at('scratch'), ...more });
  const { files, message } = await engine.run(ctx);
  expect(files).toEqual([{ path: expect.any(String), filename: expect.any(String), expect: 'pdf' }]);
  return { ...(files[0] as LocalOutput), message };
}

/** The text of each page. */
const textOf = (file: string): string[] => execFileSync('pdftotext', [file, '-'], { encoding: 'utf8' }).split('\f').slice(0, -1).map((text) => text.trim());
const document = (...texts: string[]) => pdf(texts.map((text): Page => ({ text })));

function encrypted(user: string): Buffer {
  writeFileSync(at('plain.pdf'), document('locked'));
  execFileSync('qpdf', ['--encrypt', user, 'owner', '256', '--', at('plain.pdf'), at('locked.pdf')]);
  return readFileSync(at('locked.pdf'));
}

describe('the engine qpdf', () => {
  it('announces the version it found', () => {
    expect(engine).toMatchObject({ name: 'qpdf', version: expect.stringMatching(/^\d+\.\d/), fetchInputs: true });
  });

  it('joins documents in the order of the inputs', async () => {
    const merged = await merge([document('c'), document('a', 'b'), document('c')]);
    expect(textOf(merged.path)).toEqual(['c', 'a', 'b', 'c']);
    expect([merged.filename, merged.message]).toEqual(['merged.pdf', undefined]);
  });

  it('takes one document, and a name', async () => {
    const merged = await merge([document('only')], { filename: 'all of it.pdf' });
    expect([textOf(merged.path), merged.filename]).toEqual([['only'], 'all of it.pdf']);
  });

  it('makes the same document of the same files', async () => {
    const bytes = async () => readFileSync((await merge([document('a'), document('b')])).path);
    const once = await bytes();
    expect((await bytes()).equals(once)).toBe(true);
  });

  it('joins three hundred documents', async () => {
    const merged = await merge(Array.from({ length: 300 }, (_, index) => document(String(index))));
    expect(textOf(merged.path)).toEqual(Array.from({ length: 300 }, (_, index) => String(index)));
  });

  it('names the file that a password protects', async () => {
    const locked = encrypted('secret');
    await expect(merge([document('a'), locked])).rejects.toMatchObject({ code: 'INVALID_INPUT', publicMessage: 'The file document 1.pdf is protected by a password' });
    // Its twin can be opened by anyone.
    expect(textOf((await merge([document('a'), encrypted('')])).path)).toEqual(['a', 'locked']);
  });

  it('repairs what it can, and says so', async () => {
    const whole = document('kept').toString('latin1');
    const merged = await merge([Buffer.from(whole.replace(/startxref\n\d+/, 'startxref\n7'), 'latin1')]);
    expect([textOf(merged.path), merged.message]).toEqual([['kept'], expect.stringContaining('repaired')]);
  });

  it('refuses what is no PDF, names it, and goes on working', async () => {
    const cut = document('a').subarray(0, 200);
    await expect(merge([document('a'), cut])).rejects.toMatchObject({ code: 'INVALID_INPUT', publicMessage: expect.stringContaining('document 1.pdf is not a readable PDF') });
    await expect(merge([document('a'), Buffer.alloc(0)])).rejects.toMatchObject({ code: 'INVALID_INPUT', publicMessage: expect.stringContaining('empty') });
    await expect(merge([])).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    const png = { blob: 'b', path: at('in/0/input.pdf'), filename: 'photo.png', size: 9, type: 'png', task: 't' };
    await expect(merge([document('a')], {}, { inputs: [png] })).rejects.toMatchObject({ code: 'INVALID_INPUT', publicMessage: 'The file photo.png is not a PDF' });
    expect(textOf((await merge([document('control')])).path)).toEqual(['control']);
  });

  it('stops with its task', async () => {
    await expect(merge([document('a')], {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(merge([document('a')], {}, { deadline: new Date(0) })).rejects.toMatchObject({ code: 'TIMEOUT' });
  });
});

// THREATS E21. What joins pages need not draw them: for qpdf most are ordinary documents.
describe('a hostile PDF', () => {
  afterEach(async () => expect(textOf((await merge([document('control')])).path)).toEqual(['control']));

  it('that names one page thousands of times is over the limit of pages', async () => {
    await expect(merge([HOSTILE.manyPages(25_000)])).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED', publicMessage: expect.stringContaining('20,000 pages') });
  });

  it('whose tree of pages is a loop is refused', async () => {
    await expect(merge([HOSTILE.pageTreeLoop()])).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it.each(['selfDrawingForm', 'nestedForms', 'hugePage', 'xrefLoop', 'nesting', 'hugeImage'] as const)('with a bomb that only drawing sets off is copied as it is: %s', async (name) => {
    const merged = await merge([document('first'), HOSTILE[name]()]);
    expect(readFileSync(merged.path).length).toBeLessThan(1_000_000);
  });
});
