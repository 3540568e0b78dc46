import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { type Stack, startStack } from '../testing/stack';
import { Client, expectData, fileUrl, type JobJson, taskNamed } from './client';
import { FileServer, serveFiles } from './file-server';
import { look, png, svg, turnedJpg } from './images';

let stack: Stack;
let client: Client;
let server: FileServer;
let files: { 'a.png': Buffer; 'b.jpg': Buffer; 'c.svg': Buffer };

beforeAll(async () => {
  files = { 'a.png': await png(), 'b.jpg': await turnedJpg(), 'c.svg': svg() };
  server = await FileServer.start(serveFiles(Object.fromEntries(Object.entries(files).map(([name, file]) => [`/${name}`, file]))));
  stack = await startStack({ env: { SAFE_FETCH_ALLOW: '127.0.0.1' } });
  client = Client.of(stack);
}, 120_000);
afterAll(async () => {
  await stack?.stop();
  await server?.stop();
}, 120_000);

const outOf = async (job: JobJson): Promise<Buffer> => {
  expect(job.tasks.map(({ name, status, message }) => ({ name, status, message }))).not.toContainEqual(expect.objectContaining({ status: 'error' }));
  const answer = await fetch(fileUrl(taskNamed(job, 'out')));
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
};
const convert = (options: object, name: keyof typeof files = 'a.png'): Promise<Buffer> =>
  client
    .run({
      in: { operation: 'import/url', url: `${server.url}/${name}` },
      do: { operation: 'convert', input: 'in', output_format: 'jpg', ...options },
      out: { operation: 'export/url', input: ['do'] },
    })
    .then(outOf);

describe('imports', () => {
  it.each(['a.png', 'b.jpg', 'c.svg'] as const)('%s by an upload form becomes webp', async (name) => {
    const job = await client.createJob({
      out: { operation: 'export/url', input: 'do' },
      do: { operation: 'convert', input: 'in', output_format: 'webp' },
      in: { operation: 'import/upload' },
    });
    expect(job.tasks.map((task) => task.name)).toEqual(['out', 'do', 'in']);
    expect(taskNamed(job, 'in')).toMatchObject({ status: 'waiting', message: 'Waiting for file upload' });
    expect(await client.api.upload(taskNamed(job, 'in').result!.form!, name, files[name])).toBe(201);
    const ended = await client.ended(job.id);
    expect(ended.status).toBe('finished');
    expect(ended.tasks[0]).toMatchObject({ name: 'out', result: { files: [{ filename: `${name.slice(0, 1)}.webp`, size: expect.any(Number), url: expect.any(String) }] } });
    expect(taskNamed(ended, 'do')).toMatchObject({ engine: 'sharp', engine_version: expect.stringMatching(/^\d/), percent: 100 });
    expect((await look(await outOf(ended))).format).toBe('webp');
  });

  it('import/url keeps the bytes of the file, its name, and reaches the server once', async () => {
    const before = server.seen.length;
    const job = await client.run({ in: { operation: 'import/url', url: `${server.url}/a.png` }, out: { operation: 'export/url', input: 'in' } });
    expect(taskNamed(job, 'out').result!.files).toMatchObject([{ filename: 'a.png', size: files['a.png'].length }]);
    expect(await outOf(job)).toEqual(files['a.png']);
    expect(server.seen.slice(before)).toMatchObject([{ method: 'GET', path: '/a.png' }]);
  });

  it('import/base64 brings a picture, import/raw a drawing, in one job of two inputs', async () => {
    const job = await client.run({
      one: { operation: 'import/base64', file: files['a.png'].toString('base64'), filename: 'one.png' },
      two: { operation: 'import/raw', file: files['c.svg'].toString('utf8'), filename: 'two.svg' },
      do: { operation: 'convert', input: ['one', 'two'], output_format: 'png', width: 60 },
      out: { operation: 'export/url', input: 'do' },
    });
    const results = taskNamed(job, 'out').result!.files!;
    expect(results.map(({ filename }) => filename)).toEqual(['one.png', 'two.png']);
    for (const { url } of results) expect(await look(Buffer.from(await (await fetch(url!)).arrayBuffer()))).toMatchObject({ format: 'png', width: 60, height: 40 });
  });
});

describe('options of a conversion are seen in its output', () => {
  it.each([
    [{ width: 60 }, { width: 60, height: 40 }],
    [{ width: 60, height: 60, fit: 'max' }, { width: 60, height: 40 }],
    [{ width: 60, height: 60, fit: 'crop' }, { width: 60, height: 60 }],
    [{ width: 300, height: 50, fit: 'scale' }, { width: 300, height: 50 }],
    [{ width: 500 }, { width: 120, height: 80 }],
  ])('%j', async (options, size) => {
    expect(await look(await convert(options))).toMatchObject({ format: 'jpeg', ...size });
  });

  it('quality: less of it, fewer bytes', async () => {
    const [low, high] = await Promise.all([convert({ quality: 20 }), convert({ quality: 95 })]);
    expect(low!.length).toBeLessThan(high!.length / 2);
  });

  it('auto_orient turns the pixels, or leaves them and says so', async () => {
    expect(await look(await convert({}, 'b.jpg'))).toMatchObject({ width: 80, height: 120 });
    expect(await look(await convert({ auto_orient: false }, 'b.jpg'))).toMatchObject({ width: 120, height: 80, orientation: 6 });
  });

  it('strip takes what the camera wrote away', async () => {
    const [kept, stripped] = await Promise.all([convert({}, 'b.jpg').then(look), convert({ strip: true }, 'b.jpg').then(look)]);
    expect(kept!.exif?.includes('millrace-test')).toBe(true);
    expect(stripped!.exif).toBeUndefined();
  });
});

describe('downloads', () => {
  let url: string;
  let inlineUrl: string;
  let task: string;
  let bytes: Buffer;

  beforeAll(async () => {
    const job = await client.run({
      in: { operation: 'import/url', url: `${server.url}/a.png`, filename: 'grün "x".png' },
      out: { operation: 'export/url', input: 'in' },
      show: { operation: 'export/url', input: 'in', inline: true },
    });
    [url, inlineUrl] = [fileUrl(taskNamed(job, 'out')), fileUrl(taskNamed(job, 'show'))];
    task = taskNamed(job, 'out').id;
    bytes = files['a.png'];
  });

  const get = (headers: Record<string, string>, method = 'GET', from = url) => fetch(from, { method, headers, redirect: 'manual' });

  it('come whole, with type, length, quoted md5 and disposition', async () => {
    const answer = await get({});
    expect({ status: answer.status, ...Object.fromEntries(answer.headers) }).toMatchObject({
      status: 200,
      'content-type': 'image/png',
      'content-length': String(bytes.length),
      'accept-ranges': 'bytes',
      etag: `"${createHash('md5').update(bytes).digest('hex')}"`,
      'content-disposition': expect.stringMatching(/^attachment; .*filename\*=UTF-8''gr%C3%BCn%20%22x%22\.png/),
    });
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes);
    expect((await get({}, 'GET', inlineUrl)).headers.get('content-disposition')).toMatch(/^inline;/);
  });

  it('HEAD tells the same and sends nothing', async () => {
    const answer = await get({}, 'HEAD');
    expect([answer.status, answer.headers.get('content-length'), (await answer.arrayBuffer()).byteLength]).toEqual([200, String(bytes.length), 0]);
  });

  it.each([
    ['bytes=0-9', 0, 10],
    ['bytes=100-', 100, undefined],
    ['bytes=-7', -7, undefined],
  ])('%s is a part', async (range, from, to) => {
    const answer = await get({ range });
    const part = bytes.subarray(from, to);
    const start = from < 0 ? bytes.length + from : from;
    expect([answer.status, answer.headers.get('content-range')]).toEqual([206, `bytes ${start}-${start + part.length - 1}/${bytes.length}`]);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(part);
  });

  it('a range behind the end is 416, a known ETag 304', async () => {
    const behind = await get({ range: 'bytes=99999999-' });
    expect([behind.status, behind.headers.get('content-range')]).toEqual([416, `bytes */${bytes.length}`]);
    const etag = (await get({}, 'HEAD')).headers.get('etag')!;
    expect((await get({ 'if-none-match': etag })).status).toBe(304);
  });

  it('a signature that was tampered with opens nothing', async () => {
    const last = url.at(-1) === '0' ? '1' : '0';
    for (const tampered of [url.slice(0, -1) + last, url.split('?')[0]!, url.replace(task, taskOf(inlineUrl)), inlineUrl.replace('inline', 'attachment')]) {
      expect(tampered).not.toBe(url);
      const answer = await get({}, 'GET', tampered);
      expect({ status: answer.status, body: await answer.json() }).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    }
  });

  it('end with the task', async () => {
    expect((await client.call('DELETE', `/v2/tasks/${task}`)).status).toBe(204);
    expect([404, 410]).toContain((await get({})).status);
    expect((await get({}, 'GET', inlineUrl)).status).toBe(200);
    expect((await client.call('GET', `/v2/tasks/${task}`)).status).toBe(404);
  });
});

describe('archive_multiple_files', () => {
  const exported = async (input: string | string[]) => {
    const job = await client.run({
      a: { operation: 'import/url', url: `${server.url}/a.png` },
      b: { operation: 'import/url', url: `${server.url}/b.jpg`, filename: 'A.png' },
      out: { operation: 'export/url', input, archive_multiple_files: true },
    });
    return taskNamed(job, 'out');
  };

  it('makes one zip of several files', async () => {
    const out = await exported(['a', 'b']);
    expect(out.result!.files).toEqual([{ filename: 'archive.zip', url: expect.stringMatching(/\/archive\.zip\?/) }]);
    const zip = Buffer.from(await (await fetch(fileUrl(out))).arrayBuffer());
    const entry = (name: string): Buffer => execFileSync('bsdtar', ['-xOf', '-', name], { input: zip });
    expect(execFileSync('bsdtar', ['-tf', '-'], { input: zip, encoding: 'utf8' })).toBe('a.png\nA (2).png\n');
    expect([entry('a.png').equals(files['a.png']), entry('A (2).png').equals(files['b.jpg'])]).toEqual([true, true]);
  });

  it('leaves one file alone', async () => {
    expect((await exported('a')).result!.files).toEqual([{ filename: 'a.png', size: files['a.png'].length, url: expect.any(String) }]);
  });
});

/** The id of the task in a download URL. */
const taskOf = (url: string): string => /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(url)![0];

describe('standalone tasks', () => {
  it('an upload, a conversion ordered before it is there and one after, and an export work together', async () => {
    const upload = await client.createTask('import/upload', { name: 'upload-test' });
    expect(upload).not.toHaveProperty('name');
    const early = await client.createTask('convert', { input: upload.id, output_format: 'jpg', width: 30 });
    expect(early).toMatchObject({ job_id: null, status: 'waiting', depends_on_task_ids: [upload.id] });
    expect(await client.api.upload(upload.result!.form!, 'a.png', files['a.png'])).toBe(201);
    expect(await client.endedTask(upload.id)).toMatchObject({ status: 'finished', result: { files: [{ filename: 'a.png' }] } });
    const late = await client.createTask('convert', { input: [upload.id], output_format: 'webp' });
    const both = await client.createTask('export/url', { input: [early.id, late.id] });
    expect((await client.endedTask(both.id)).result!.files!.map(({ filename }) => filename)).toEqual(['a.jpg', 'a.webp']);
    const [small] = (await client.task(both.id)).result!.files!;
    expect(await look(Buffer.from(await (await fetch(small!.url!)).arrayBuffer()))).toMatchObject({ format: 'jpeg', width: 30, height: 20 });
  });

  it('an input that is deleted fails who waits for it', async () => {
    const upload = await client.createTask('import/upload');
    const waiting = await client.createTask('convert', { input: upload.id, output_format: 'jpg' });
    expect((await client.call('DELETE', `/v2/tasks/${upload.id}`)).status).toBe(204);
    expect(await client.endedTask(waiting.id)).toMatchObject({ status: 'error', code: 'INPUT_TASK_FAILED', message: 'Input task has failed', started_at: null });
  });

  it('an import ends while nobody waits, and is seen by include=payload as it was sent', async () => {
    const options = { url: `${server.url}/a.png`, filename: 'z.png' };
    const made = await client.createTask('import/url', { ...options, name: null, operation: 'import/url' });
    expect((await client.endedTask(made.id)).result!.files).toMatchObject([{ filename: 'z.png', size: files['a.png'].length }]);
    expect((await client.task(made.id, 'payload')).payload).toEqual(options);
    expect(await client.task(made.id)).not.toHaveProperty('payload');
  });

  it('a retry is a new task that does it again', async () => {
    const made = await client.createTask('import/url', { url: `${server.url}/missing.png` });
    expect(await client.endedTask(made.id)).toMatchObject({ status: 'error', code: 'DOWNLOAD_FAILED' });
    const again = expectData<{ id: string; retry_of_task_id: string }>(await client.call('POST', `/v2/tasks/${made.id}/retry`), 201);
    expect(again).toMatchObject({ retry_of_task_id: made.id, copy_of_task_id: made.id, status: 'waiting' });
    expect(again.id).not.toBe(made.id);
    expect(await client.endedTask(again.id)).toMatchObject({ status: 'error', code: 'DOWNLOAD_FAILED' });
  });
});

it('a large job does all of its tasks, side by side and one after the other', async () => {
  const wide = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`wide-${index}`, { operation: 'fault' }]));
  const deep = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`deep-${index}`, { operation: 'fault', input: index === 0 ? 'in' : `deep-${index - 1}` }]));
  const job = await client.run({
    in: { operation: 'import/raw', file: 'content', filename: 'a.txt' },
    ...wide,
    ...deep,
    out: { operation: 'export/url', input: ['deep-29', ...Object.keys(wide)] },
  });
  expect(job.status).toBe('finished');
  expect(job.tasks).toHaveLength(232);
  expect(await (await fetch(fileUrl(taskNamed(job, 'out')))).text()).toBe('content');
}, 90_000);
