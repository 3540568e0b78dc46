import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { problemOf, type Kind } from '../matrix/probe';
import { sampleOf } from '../matrix/samples';
import { startStack, type Stack } from '../testing/stack';
import { type Ended, HostedClients } from './clients/hosted-client';
import { look, png } from './images';

/** The command line client of the SDK's makers; the package is not in every registry. */
const installed = process.env['MILLRACE_TEST_CLI'];
const PROGRAM = installed ?? path.join(__dirname, 'clients/command-line.cjs');

let stack: Stack;
let clients: HostedClients;
let count = 0;
beforeAll(async () => {
  stack = await startStack({ tls: true });
  clients = new HostedClients(stack);
  process.stdout.write(`[cli] reaches the stack by ${clients.way}\n`);
  if (installed === undefined) process.stdout.write('[cli] cloudconvert-cli is not run, since MILLRACE_TEST_CLI does not name its program; a script stands in that uses its SDK the same way\n');
  writeFileSync(path.join(clients.folder, 'photo.png'), await png());
  writeFileSync(path.join(clients.folder, 'second.png'), await png(90, 60));
  writeFileSync(path.join(clients.folder, 'broken.png'), (await png()).subarray(0, 60));
  for (const format of ['docx', 'mp4']) await sampleOf(format, clients.folder);
}, 240_000);
afterAll(async () => {
  clients?.close();
  await stack?.stop();
}, 120_000);

/** Runs the program in the folder of the samples; its outputs are in a folder of their own. */
async function cli(...args: string[]): Promise<Ended & { output: string; files: string[] }> {
  const output = path.join(clients.folder, `out-${(count += 1)}`);
  mkdirSync(output);
  const ended = await clients.run(PROGRAM, [...args, '--outputdir', output]);
  return { ...ended, output, files: readdirSync(output).sort() };
}

it.each([
  ['photo.png', 'webp', 'image'],
  ['sample.mp4', 'mp3', 'audio'],
  ['sample.docx', 'pdf', 'document'],
  ['sample.docx', 'jpg', 'document'],
] as const)('convert %s to %s', async (file, format, kind) => {
  const { code, stderr, output, files } = await cli('convert', '-f', format, file);
  expect([code, stderr.includes('failed')]).toEqual([0, false]);
  expect(files).toEqual([`${path.parse(file).name}.${format}`]);
  const drawn = kind === 'document' && format === 'jpg';
  expect(await problemOf(format, drawn ? 'image' : (kind as Kind), path.join(output, files[0]!), false)).toBeUndefined();
});

it('convert several files at once, in the sandbox, with an option', async () => {
  const { code, output, files } = await cli('convert', '--sandbox', '-f', 'jpg', '-p.width=60', 'photo.png', 'second.png');
  expect([code, files]).toEqual([0, ['photo.jpg', 'second.jpg']]);
  for (const file of files) expect(await look(await readFile(path.join(output, file)))).toMatchObject({ format: 'jpeg', width: 60, height: 40 });
});

it('thumbnail of a picture, merge of a document and a picture', async () => {
  const small = await cli('thumbnail', '-f', 'jpg', '-p.width=30', 'photo.png');
  expect([small.code, small.files.length]).toEqual([0, 1]);
  expect(await look(await readFile(path.join(small.output, small.files[0]!)))).toMatchObject({ format: 'jpeg', width: 30, height: 20 });
  const merged = await cli('merge', 'sample.docx', 'photo.png');
  expect([merged.code, merged.files.length]).toEqual([0, 1]);
  expect(await problemOf('pdf', 'document', path.join(merged.output, merged.files[0]!), false)).toBeUndefined();
});

it('says which task failed and why, and ends with 1', async () => {
  const { code, stderr, files } = await cli('convert', '-f', 'webp', 'broken.png');
  expect([code, files]).toEqual([1, []]);
  expect(stderr).toMatch(/Task `process` failed: .+ \(Code: INVALID_INPUT\)/);
});

it('says what is refused, and knows the account', async () => {
  const refused = await cli('convert', '-f', 'nothing-like-it', 'photo.png');
  expect([refused.code, refused.files]).toEqual([1, []]);
  expect(refused.stderr).toMatch(/API Error: .+ \(Code: [A-Z_]+\)/);
  const { code, stdout } = await clients.run(PROGRAM, ['minutes']);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/Conversion minutes: \d+/)]);
});
