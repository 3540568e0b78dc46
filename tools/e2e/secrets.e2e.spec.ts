import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { open, type Sealed, unwrapKey } from '@millrace/signing';
import { type Stack, startStack } from '../testing/stack';
import { until } from '../up/until';
import { Client, type JobJson, taskNamed } from './client';
import { query } from './database';
import { FileServer } from './file-server';
import { pids, read } from './jails';
import { png } from './images';

/** The secret: with characters that each way of writing it down would change. */
const canary = `Bearer c4n4ry+/=&"${randomBytes(12).toString('hex')}"~`;
/** No secret: what the scans below must find, to be worth anything. */
const marker = `m4rker-${randomBytes(12).toString('hex')}`;

/** What `text` looks like when it is written down as it is, escaped, in hex or, at any offset, in base64. */
function writings(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((offset) => {
    // The first and last characters depend on the neighbours.
    const written = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64').replace(/=+$/, '');
    return written.slice(offset === 0 ? 0 : 4, -4);
  });
  const forms = [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text), bytes.toString('hex'), bytes.toString('hex').toUpperCase(), ...base64, ...base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))];
  // The random part by itself too: a header may have been cut apart.
  const random = /[0-9a-f]{24}/.exec(text)![0];
  return [...new Set([...forms, random, Buffer.from(random).toString('hex')])].map((form) => Buffer.from(form));
}

const holds = (content: Buffer | string, wanted: readonly Buffer[]): boolean => {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
  return wanted.some((form) => bytes.includes(form));
};
const SECRET = writings(canary);
const MARKER = [Buffer.from(marker)];

let stack: Stack;
let client: Client;
let server: FileServer;
let other: FileServer;
let release: () => void = () => undefined;

beforeAll(async () => {
  const picture = await png();
  other = await FileServer.start((_, response) => void response.writeHead(200).end(picture));
  server = await FileServer.start((request, response) => {
    if (request.path.startsWith('/away')) return void response.writeHead(302, { location: `${other.url}/elsewhere` }).end();
    if (request.path.startsWith('/refused')) return void response.writeHead(403).end(JSON.stringify(request.headers));
    // Slow, so that its processes can be looked at while it runs.
    release = () => void response.writeHead(200).end(picture);
  });
  stack = await startStack({ env: { SAFE_FETCH_ALLOW: '127.0.0.1', LOG_LEVEL: 'trace' } });
  client = Client.of(stack);
}, 120_000);
afterAll(async () => {
  await stack?.stop();
  await Promise.all([server?.stop(), other?.stop()]);
}, 120_000);

/** Files under the stack's folder (database with its WAL, NATS's store, logs, blobs, scratch) that hold one of `wanted`. */
async function filesWith(wanted: readonly Buffer[]): Promise<string[]> {
  await query(stack, 'checkpoint');
  const files = readdirSync(stack.dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ parentPath, name }) => path.join(parentPath, name));
  return files.filter((file) => holds(contentOf(file), wanted)).map((file) => path.relative(stack.dataDir, file));
}

/** Of a file that may be removed while we look: empty then. */
function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return Buffer.alloc(0);
  }
}

/** Tables with a row that holds one of `wanted` in any of its columns. */
async function tablesWith(wanted: readonly Buffer[]): Promise<string[]> {
  const tables = await query<{ name: string }>(stack, `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`);
  expect(tables.length).toBeGreaterThan(10);
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await query<{ row: string }>(stack, `select t::text as row from "${name}" t`);
    if (rows.some(({ row }) => holds(Buffer.from(row), wanted) || holds(Buffer.from(row.replaceAll('""', '"').replaceAll('\\\\', '\\')), wanted))) found.push(name);
  }
  return found;
}

const processesWith = (wanted: readonly Buffer[]): number[] => pids().filter((pid) => ['cmdline', 'environ'].some((file) => holds(read(`/proc/${pid}/${file}`), wanted)));

const importWith = (where: string): Promise<JobJson> =>
  client.createJob({
    in: { operation: 'import/url', url: `${server.url}${where}?${marker}`, headers: { 'X-Secret': canary } },
    do: { operation: 'convert', input: 'in', output_format: 'jpg' },
    out: { operation: 'export/url', input: 'do' },
  });

describe('the secret of an import', () => {
  let job: JobJson;

  beforeAll(async () => {
    job = await importWith('/a.png');
    expect(await until(() => server.seen.length > 0, 20_000)).toBe(true);
  }, 40_000);

  it('reaches the server that it is for', () => {
    expect(server.seen[0]!.headers['x-secret']).toBe(canary);
  });

  it('while its task runs, is in no table, no file and no process', async () => {
    for (let look = 0; look < 5; look += 1) expect(processesWith(SECRET)).toEqual([]);
    expect(await tablesWith(SECRET)).toEqual([]);
    expect(await filesWith(SECRET)).toEqual([]);
    release();
    expect((await client.ended(job.id)).status).toBe('finished');
  }, 60_000);

  it('after its task, is in no table, no file, and not in what the API shows', async () => {
    expect(await tablesWith(SECRET)).toEqual([]);
    expect(await filesWith(SECRET)).toEqual([]);
    const { id } = taskNamed(job, 'in');
    const shown = await Promise.all([client.call('GET', `/v2/jobs/${job.id}`), client.call('GET', `/v2/tasks/${id}?include=payload,job,retries,depends_on_tasks`)]);
    for (const { status, text } of shown) {
      expect(status).toBe(200);
      expect(holds(text, SECRET)).toBe(false);
      expect(text).not.toMatch(/sealed/);
    }
    expect((await client.task(id, 'payload')).payload).toEqual({ url: `${server.url}/a.png?${marker}` });
  }, 60_000);

  it('would have been found: what is no secret is, by the same looks', async () => {
    expect(await tablesWith(MARKER)).toEqual(expect.arrayContaining(['job_events', 'tasks']));
    const found = await filesWith(MARKER);
    expect(found.some((file) => file.includes('pg_wal'))).toBe(true);
    expect(found.some((file) => file.includes('base'))).toBe(true);
    for (const form of SECRET) expect(holds(Buffer.concat([Buffer.from('x'), form, Buffer.from('y')]), SECRET)).toBe(true);
    expect(holds(Buffer.from(`abc${canary}`).toString('base64'), SECRET)).toBe(true);
  });

  it('opens with the key of its job, which goes with the job', async () => {
    const { id } = taskNamed(job, 'in');
    const [row] = await query<{ sealed: Sealed }>(stack, `select view -> 'options' -> 'headers' as sealed from tasks where id = $1`, [id]);
    const [key] = await query<{ wrapped_key: string }>(stack, 'select wrapped_key from job_keys where stream = $1', [job.id]);
    const { masterKey } = JSON.parse(readFileSync(path.join(stack.dataDir, 'state.json'), 'utf8')) as { masterKey: string };
    expect(open(unwrapKey(Buffer.from(masterKey, 'base64'), key!.wrapped_key, 'job-key'), row!.sealed, `${id}/headers`)).toEqual({ 'X-Secret': canary });
    expect((await client.call('DELETE', `/v2/jobs/${job.id}`)).status).toBe(204);
    expect(await query(stack, 'select 1 from job_keys where stream = $1', [job.id])).toEqual([]);
    expect(await tablesWith([Buffer.from(key!.wrapped_key)])).toEqual([]);
    // What is left of it in the log cannot be opened, also by who has the master key.
    const [event] = await query<{ sealed: Sealed }>(stack, `select data -> 'options' -> 'headers' as sealed from job_events where stream = $1 and type = 'TaskDefined' and data ->> 'task' = $2`, [job.id, id]);
    expect(event!.sealed.$sealed).toMatch(/\w/);
    expect(() => open(Buffer.from(masterKey, 'base64'), event!.sealed, `${id}/headers`)).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
  });
});

it('does not follow a redirect to another server', async () => {
  const job = await importWith('/away');
  expect(await until(() => other.seen.length > 0, 20_000)).toBe(true);
  expect(holds(JSON.stringify(other.seen.map(({ headers }) => headers)), SECRET)).toBe(false);
  expect((await client.ended(job.id)).status).toBe('finished');
});

it('is not in the message, nor in the log, of an import that its server refuses with it', async () => {
  const job = await client.ended((await importWith('/refused')).id);
  expect(taskNamed(job, 'in')).toMatchObject({ status: 'error', code: 'DOWNLOAD_FAILED', message: expect.stringContaining('403') });
  expect(holds(JSON.stringify(job), SECRET)).toBe(false);
  expect(await filesWith(SECRET)).toEqual([]);
});

it('of an upload reaches its server, and is in no table and no file', async () => {
  const job = await client.run({ in: { operation: 'import/raw', file: 'x', filename: 'x.txt' }, out: { operation: 'export/upload', input: 'in', url: `${other.url}/put`, headers: { 'X-Secret': canary } } });
  expect(job.status).toBe('finished');
  expect(other.seen.find((request) => request.path === '/put')).toMatchObject({ method: 'PUT', headers: { 'x-secret': canary } });
  expect(holds((await client.call('GET', `/v2/tasks?filter[job_id]=${job.id}&include=payload,job`)).text, SECRET)).toBe(false);
  expect(await tablesWith(SECRET)).toEqual([]);
  expect(await filesWith(SECRET)).toEqual([]);
}, 60_000);

it('of a malformed task is not echoed', async () => {
  const answer = await client.call('POST', '/v2/import/url', { url: `${server.url}/a.png`, headers: { [`bad name ${canary}`]: canary } });
  expect(answer.status).toBe(422);
  expect(holds(answer.text, SECRET)).toBe(false);
});
