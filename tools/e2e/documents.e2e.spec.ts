import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { pdf } from '../../libs/work/engines/src/testing/pdf';
import { type Stack, startStack } from '../testing/stack';
import { Client, fileUrl, type JobJson, taskNamed } from './client';
import { png } from './images';

let stack: Stack;
let client: Client;
let dir: string;
const at = (name: string): string => path.join(dir, name);

beforeAll(async () => {
  stack = await startStack();
  client = Client.of(stack);
  dir = mkdtempSync(path.join(os.tmpdir(), 'documents-'));
}, 120_000);
afterAll(async () => {
  await stack?.stop();
  rmSync(dir, { recursive: true });
}, 120_000);

const base64 = (bytes: Buffer, filename: string) => ({ operation: 'import/base64', file: bytes.toString('base64'), filename });
const raw = (text: string, filename: string) => ({ operation: 'import/raw', file: text, filename });
const pages = (...texts: string[]): Buffer => pdf(texts.map((text) => ({ text, size: [300, 150] as const })));

interface Out {
  readonly names: string[];
  readonly files: Buffer[];
}

/** The outputs of a job whose task `do` is exported. */
async function outOf(tasks: Record<string, Record<string, unknown>>): Promise<Out> {
  const job: JobJson = await client.run({ ...tasks, out: { operation: 'export/url', input: 'do' } });
  expect(job.tasks.map(({ name, status, message }) => ({ name, status, message }))).not.toContainEqual(expect.objectContaining({ status: 'error' }));
  const out = taskNamed(job, 'out');
  const files = await Promise.all(out.result!.files!.map(async (_, index) => Buffer.from(await (await fetch(fileUrl(out, index))).arrayBuffer())));
  return { names: out.result!.files!.map(({ filename }) => filename), files };
}

const texts = (document: Buffer): string[] => execFileSync('pdftotext', ['-', '-'], { input: document, encoding: 'utf8' }).split('\f').slice(0, -1).map((text) => text.trim());
const sizeOf = async (picture: Buffer) => sharp(picture).metadata().then(({ format, width, height }) => [format, width, height]);

describe('a pdf', () => {
  it('becomes a picture of each page', async () => {
    const { names, files } = await outOf({ in: base64(pages('one', 'two', 'three'), 'report.pdf'), do: { operation: 'convert', input: 'in', output_format: 'jpg', pages: '1,3', pixel_density: 72 } });
    expect(names).toEqual(['report-1.jpg', 'report-2.jpg']);
    expect(await Promise.all(files.map(sizeOf))).toEqual([['jpeg', 300, 150], ['jpeg', 300, 150]]);
  });

  it('becomes text', async () => {
    const { names, files } = await outOf({ in: base64(pages('one', 'two'), 'report.pdf'), do: { operation: 'convert', input: 'in', output_format: 'txt' } });
    expect([names, files[0]!.toString().split(/\s+/).filter(Boolean)]).toEqual([['report.txt'], ['one', 'two']]);
  });

  it.each(['png', 'jpg', 'webp'])('has a thumbnail as %s', async (output_format) => {
    const { names, files } = await outOf({ in: base64(pages('one', 'two'), 'report.pdf'), do: { operation: 'thumbnail', input: 'in', output_format, width: 100 } });
    expect([names, await sizeOf(files[0]!)]).toEqual([[`report.${output_format}`], [output_format === 'jpg' ? 'jpeg' : output_format, 100, 50]]);
  });

  it('with a password opens with it, and the password is never seen again', async () => {
    const plain = at('plain.pdf');
    writeFileSync(plain, pages('secret'));
    execFileSync('qpdf', ['--encrypt', 'open-sesame', 'owner', '256', '--', plain, at('locked.pdf')]);
    const locked = base64(readFileSync(at('locked.pdf')), 'locked.pdf');
    const job = await client.run({ in: locked, do: { operation: 'convert', input: 'in', output_format: 'txt', password: 'open-sesame' }, out: { operation: 'export/url', input: 'do' } });
    expect((await (await fetch(fileUrl(taskNamed(job, 'out')))).text()).trim()).toBe('secret');
    const shown = await client.call('GET', `/v2/tasks/${taskNamed(job, 'do').id}?include=payload`);
    expect(shown.text).toContain('"output_format":"txt"');
    expect(shown.text).not.toContain('open-sesame');
    const without = await client.run({ in: locked, do: { operation: 'convert', input: 'in', output_format: 'txt' } });
    expect(taskNamed(without, 'do')).toMatchObject({ status: 'error', code: 'INVALID_INPUT', message: expect.stringContaining('password') });
  });
});

describe('archive', () => {
  it.each(['zip', '7z', 'tar', 'tar.gz', 'tar.bz2'])('packs files of several tasks into a %s', async (output_format) => {
    const { names, files } = await outOf({ a: raw('first', 'a.txt'), b: raw('second', 'A.txt'), do: { operation: 'archive', input: ['a', 'b'], output_format } });
    expect(names).toEqual([`archive.${output_format}`]);
    writeFileSync(at('archive'), files[0]!);
    expect(execFileSync('bsdtar', ['-tf', at('archive')], { encoding: 'utf8' })).toBe('a.txt\nA (2).txt\n');
    expect(execFileSync('bsdtar', ['-xOf', at('archive')], { encoding: 'utf8' })).toBe('firstsecond');
  });
});

describe('merge', () => {
  it('joins documents in the order of the inputs', async () => {
    const { names, files } = await outOf({ a: base64(pages('one', 'two'), 'a.pdf'), b: base64(pages('three'), 'b.pdf'), do: { operation: 'merge', input: ['b', 'a'], output_format: 'pdf' } });
    expect([names, texts(files[0]!)]).toEqual([['merged.pdf'], ['three', 'one', 'two']]);
  });

  it('turns pictures and office documents into pages first', async () => {
    const tasks = { text: raw('written by hand', 'note.txt'), picture: base64(await png(), 'p.png'), document: base64(pages('printed'), 'd.pdf') };
    const { names, files } = await outOf({ ...tasks, do: { operation: 'merge', input: ['document', 'picture', 'text'], output_format: 'pdf', filename: 'all.pdf' } });
    expect([names, texts(files[0]!)]).toEqual([['all.pdf'], ['printed', '', 'written by hand']]);
  });
});
