import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fakeContext, type Engine, type LocalOutput, type TaskContext } from '@millrace/engine-kit';
import { createSandbox, type RunOptions, type RunSpec, type Sandbox } from '@millrace/sandbox';
import { archivetoolEngine } from './archivetool-engine';

let sandbox: Sandbox;
let engine: Engine;
let dir: string;
beforeAll(async () => {
  sandbox = await createSandbox({ mode: 'bwrap' });
  engine = await archivetoolEngine.create({ sandbox, faultEnabled: false, nodePath: process.execPath, modulesDir: '/' });
});
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'archive-'));
  for (const name of ['in', 'out', 'scratch', 'unpacked']) mkdirSync(path.join(dir, name));
});
afterEach(() => rmSync(dir, { recursive: true }));

type Files = readonly (readonly [name: string, bytes: string | Buffer])[];

async function archive(files: Files, options: Record<string, unknown>, more: Partial<TaskContext> = {}, by = engine): Promise<LocalOutput> {
  for (const folder of ['in', 'out', 'scratch']) {
    rmSync(path.join(dir, folder), { recursive: true });
    mkdirSync(path.join(dir, folder));
  }
  const inputs = files.map(([filename, bytes], index) => {
    const file = path.join(dir, 'in', String(index), 'input.bin');
    mkdirSync(path.dirname(file));
    writeFileSync(file, bytes);
    return { blob: `b${index}`, path: file, filename, size: bytes.length, task: 't' };
  });
  const folders = { inDir: path.join(dir, 'in'), outDir: path.join(dir, 'out'), scratchDir: path.join(dir, 'scratch') };
  const ctx = fakeContext({ operation: 'archive', inputs, options, ...folders, ...more });
  const { files: made } = await by.run(ctx);
  expect(made).toHaveLength(1);
  return made[0] as LocalOutput;
}

/** The files that bsdtar unpacks, by name. */
function unpacked({ path: file }: LocalOutput): Record<string, string> {
  const into = path.join(dir, 'unpacked');
  rmSync(into, { recursive: true });
  mkdirSync(into);
  execFileSync('bsdtar', ['-xf', file, '-C', into], { env: { LANG: 'C.UTF-8', PATH: '/usr/bin' } });
  return Object.fromEntries(readdirSync(into).sort().map((name) => [name, readFileSync(path.join(into, name), 'latin1')]));
}

describe('the engine archivetool', () => {
  it('announces the version it found', () => {
    expect(engine).toMatchObject({ name: 'archivetool', version: expect.stringMatching(/^3\.\d/), fetchInputs: true });
  });

  it.each([
    ['zip', 'zip', '504b0304'],
    ['7z', '7z', '377abcaf271c'],
    ['tar', 'tar', '612e747874'],
    ['tar.gz', 'gz', '1f8b08'],
    ['tar.bz2', 'bz2', '425a68'],
  ])('makes a %s that holds every file, byte for byte', async (output_format, type, magic) => {
    const noise = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * i * 7 + (i >> 3)) % 256));
    const made = await archive([['a.txt', 'first'], ['b.bin', noise], ['empty', ''], ['日本語 ü.txt', 'third']], { output_format });
    expect(made).toEqual({ path: expect.any(String), filename: `archive.${output_format}`, expect: type });
    expect(readFileSync(made.path).subarray(0, magic.length / 2).toString('hex')).toBe(magic);
    expect(unpacked(made)).toEqual({ 'a.txt': 'first', 'b.bin': noise.toString('latin1'), empty: '', '日本語 ü.txt': 'third' });
  });

  it.each(['zip', '7z', 'tar', 'tar.gz', 'tar.bz2'])('makes the same %s of the same files', async (output_format) => {
    const bytes = async () => readFileSync((await archive([['a', '1'], ['b', '2']], { output_format })).path);
    const once = await bytes();
    expect((await bytes()).equals(once)).toBe(true);
  });

  it('names it after its one file, or as it is told', async () => {
    expect((await archive([['Report 1.docx', 'x']], { output_format: 'zip' })).filename).toBe('Report 1.zip');
    expect((await archive([['Report 1.docx', 'x']], { output_format: 'tar.gz', filename: 'all.tgz' })).filename).toBe('all.tgz');
  });

  it('keeps one name from hiding another', async () => {
    const made = await archive([['a.pdf', '1'], ['A.PDF', '2'], ['a.pdf', '3'], ['e\u0301', '4'], ['é', '5']], { output_format: 'zip' });
    expect(unpacked(made)).toEqual({ 'a.pdf': '1', 'A (2).PDF': '2', 'a (3).pdf': '3', é: '4', 'é (2)': '5' });
  });

  // THREATS A4: the names that have broken out of archives, and into command lines.
  const TRICKS = [
    '../../etc/passwd', '/etc/cron.d/x', '..\\..\\x.exe', 'C:\\x', '..%2f..%2fx', '-rf', '--use-compress-program=sh', '@/etc/passwd', 'a\nb contents=/etc/passwd',
    'a\r\nSet-Cookie: x', 'nul\0byte', '\u202egpj.exe', 'CON', '*', '"quoted"', "it's", '$(touch x)', '`touch x`', '\\057etc\\057passwd', '#comment', '/set uid=0', '..', '.', '', ' ', `${'ü'.repeat(300)}.txt`, '👩‍👩‍👧.png', 'a\ud800b',
  ];

  it.each(['zip', 'tar', '7z'])('makes of every name one plain entry of a %s', async (output_format) => {
    const made = await archive(TRICKS.map((name, index) => [name, `content ${index}`]), { output_format });
    const listed = execFileSync('bsdtar', ['-tvf', made.path], { env: { LANG: 'C.UTF-8', PATH: '/usr/bin' }, encoding: 'utf8' }).trim().split('\n');
    expect(listed).toHaveLength(TRICKS.length);
    for (const line of listed) expect(line).toMatch(/^-rw-r--r-- +\d+ +0 +0 +\d+ Jan +1 +1980 [^/]+$/);
    const files = unpacked(made);
    expect(Object.values(files).sort()).toEqual(TRICKS.map((_, index) => `content ${index}`).sort());
    expect(files['passwd']).toBe('content 0');
    expect(files['rf']).toBe('content 5');
    expect(readdirSync(dir).sort()).toEqual(['in', 'out', 'scratch', 'unpacked']);
  });

  it('marks names as UTF-8, so that Windows reads them too', async () => {
    const { path: file } = await archive([['ü.txt', 'x']], { output_format: 'zip' });
    expect(readFileSync(file).readUInt16LE(6) & 0x0800).toBe(0x0800);
  });

  it('packs five hundred files', async () => {
    const made = await archive(Array.from({ length: 500 }, () => ['page.png', 'p'] as const), { output_format: 'zip' });
    const names = Object.keys(unpacked(made));
    expect(names).toHaveLength(500);
    expect(names).toEqual(expect.arrayContaining(['page.png', 'page (2).png', 'page (500).png']));
  });

  it('needs no memory for what it keeps while it makes a 7z', async () => {
    const small = { ...sandbox, run: (spec: RunSpec, options?: RunOptions) => sandbox.run({ ...spec, limits: { ...spec.limits, tmpBytes: 65_536 } }, options) };
    const bounded = await archivetoolEngine.create({ sandbox: small, faultEnabled: false, nodePath: process.execPath, modulesDir: '/' });
    const made = await archive([['noise', randomBytes(1_000_000)]], { output_format: '7z' }, {}, bounded);
    expect(statSync(made.path).size).toBeGreaterThan(1_000_000);
  });

  it('refuses what it cannot make, and stops with its task', async () => {
    await expect(archive([['a', 'x']], { output_format: 'rar' })).rejects.toMatchObject({ code: 'INVALID_INPUT', publicMessage: expect.stringContaining('zip, 7z, tar') });
    await expect(archive([], { output_format: 'zip' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(archive([['a', 'x']], { output_format: 'zip' }, { operation: 'convert' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(archive([['a', 'x']], { output_format: 'zip' }, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(archive([['a', 'x']], { output_format: 'zip' }, { deadline: new Date(0) })).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(unpacked(await archive([['a', 'control']], { output_format: 'zip' }))).toEqual({ a: 'control' });
  });
});
