import { readdirSync } from 'node:fs';
import path from 'node:path';
import { type Stack, startStack } from '../testing/stack';
import { until } from '../up/until';
import { Client, fileUrl, type JobJson, taskNamed } from './client';
import { eventsOf } from './database';
import { pids, read } from './jails';

let stack: Stack;
let client: Client;

beforeAll(async () => {
  stack = await startStack({ env: { SLOTS: '2' } });
  client = Client.of(stack);
}, 120_000);
afterAll(async () => {
  if (!stack) return;
  const offices = officesOf();
  expect(offices.length).toBeGreaterThan(0);
  await stack.stop();
  expect(offices.filter((pid) => read(`/proc/${pid}/comm`) === 'soffice.bin\n')).toEqual([]);
}, 120_000);

/** The LibreOffices of this stack: known by the folder that is mounted in their jail. */
const officesOf = () => pids().filter((pid) => read(`/proc/${pid}/comm`) === 'soffice.bin\n' && read(`/proc/${pid}/mountinfo`).includes(path.basename(stack.dataDir)));

/** The names of the documents that lie before a LibreOffice. */
function documentsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/root/work/in`);
  } catch (error) {
    // It has just ended.
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

/** The LibreOffice that works on a document of this name, but for those in `except`. */
async function workingOn(name: string, except: ReadonlySet<number> = new Set()): Promise<number> {
  let found: number | undefined;
  expect(await until(() => (found = officesOf().find((pid) => !except.has(pid) && documentsOf(pid).includes(name))) !== undefined, 60_000, { everyMs: 10 })).toBe(true);
  return found!;
}

const convert = (file: string, filename: string): Promise<JobJson> =>
  client.createJob({ in: { operation: 'import/raw', file, filename }, do: { operation: 'convert', input: 'in', output_format: 'pdf' }, out: { operation: 'export/url', input: 'do' } });
/** Takes LibreOffice many seconds to lay out. */
const LONG = 'A line of words that go on and on, until the page is full.\n'.repeat(150_000);

it('a document becomes a pdf, by the engine that was asked for under its other name', async () => {
  const job = await client.run({
    in: { operation: 'import/raw', file: 'Words of a text', filename: 'notes.txt' },
    do: { operation: 'convert', input: 'in', output_format: 'pdf', engine: 'office', pages: '1', bookmarks: true },
    out: { operation: 'export/url', input: 'do' },
  });
  expect(taskNamed(job, 'do')).toMatchObject({ status: 'finished', engine: 'libreoffice', engine_version: expect.stringMatching(/^\d/) });
  expect(taskNamed(job, 'out').result!.files).toMatchObject([{ filename: 'notes.pdf' }]);
  expect((await (await fetch(fileUrl(taskNamed(job, 'out')))).text()).slice(0, 5)).toBe('%PDF-');
});

it('a document that crashes LibreOffice is tried three times, each in a fresh one, and then fails; its neighbour does not', async () => {
  const neighbour = await convert(LONG.slice(0, LONG.length / 4), 'neighbour.txt');
  await workingOn('neighbour.txt');
  const job = await convert(LONG, 'poison.txt');
  const victims = new Set<number>();
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const pid = await workingOn('poison.txt', victims);
    victims.add(pid);
    process.kill(pid, 'SIGSEGV');
  }
  const ended = await client.ended(job.id);
  expect(taskNamed(ended, 'do')).toMatchObject({ status: 'error', code: 'ENGINE_CRASHED' });
  expect((await eventsOf(stack, job.id)).filter(({ type }) => type === 'TaskStarted')).toHaveLength(3);
  expect((await client.ended(neighbour.id)).status).toBe('finished');
  expect((await client.ended((await convert('Words', 'control.txt')).id)).status).toBe('finished');
  expect(victims.size).toBe(3);
}, 180_000);

it('a cancelled document takes its LibreOffice along', async () => {
  const job = await convert(LONG, 'unwanted.txt');
  const pid = await workingOn('unwanted.txt');
  expect((await client.call('POST', `/v2/tasks/${taskNamed(job, 'do').id}/cancel`)).status).toBe(200);
  expect(await until(() => read(`/proc/${pid}/comm`) !== 'soffice.bin\n', 2_000, { everyMs: 20 })).toBe(true);
  expect(taskNamed(await client.ended(job.id), 'do')).toMatchObject({ status: 'error', code: 'CANCELLED' });
}, 90_000);
