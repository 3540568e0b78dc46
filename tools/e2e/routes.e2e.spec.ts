import sharp from 'sharp';
import { checkInvariants } from '../chaos/invariants';
import { type Stack, startStack } from '../testing/stack';
import { Client, errorOf, expectData, fileUrl, type TaskJson, taskNamed } from './client';
import { look, png, turnedJpg } from './images';
import { mp3, mp4, pagesOf, pdf, picturesOf } from './samples';

let stack: Stack;
let client: Client;
let files: Record<string, Buffer>;
beforeAll(async () => {
  files = { 'a.png': await png(), 'b.jpg': await turnedJpg(), 'c.pdf': pdf('seen'), 'd.txt': Buffer.from('Some words.\n'), 'e.mp4': mp4(), 'f.mp3': mp3(), 'g.csv': Buffer.from('a,b\n1,2\n'), 'h.avif': await sharp(await png()).avif().toBuffer() };
  stack = await startStack();
  client = Client.of(stack);
}, 120_000);
afterAll(() => stack?.stop(), 120_000);

/** Every job that `done` made. */
const jobs: string[] = [];

const imported = (name: string) => ({ operation: 'import/base64', file: files[name]!.toString('base64'), filename: name });

/** The end of one task over files of the stack, and what it made. */
async function done(task: Record<string, unknown>, ...names: string[]): Promise<{ task: TaskJson; made: Buffer[] }> {
  const inputs = Object.fromEntries(names.map((name, i) => [`in-${i}`, imported(name)]));
  const job = await client.run({ ...inputs, do: { ...task, input: Object.keys(inputs) }, out: { operation: 'export/url', input: 'do' } });
  jobs.push(job.id);
  const out = taskNamed(job, 'out');
  const urls = (out.result?.files ?? []).map((_, i) => fileUrl(out, i));
  return { task: taskNamed(job, 'do'), made: await Promise.all(urls.map(async (url) => Buffer.from(await (await fetch(url)).arrayBuffer()))) };
}

describe('one job shape gets the engines of its file', () => {
  it.each([
    ['a.png', 'sharp', 'a.jpg'],
    ['c.pdf', 'poppler', 'c.jpg'],
    ['d.txt', 'poppler', 'd.jpg'],
    ['g.csv', 'poppler', 'g.jpg'],
  ])('%s to jpg, at last by %s', async (name, engine, filename) => {
    const { task, made } = await done({ operation: 'convert', output_format: 'jpg' }, name);
    expect(task).toMatchObject({ status: 'finished', message: null, engine, result: { files: [{ filename: expect.stringMatching(new RegExp(`^${filename.replace('.jpg', '(-1)?.jpg')}$`)) }] } });
    expect((await look(made[0]!)).format).toBe('jpeg');
  });

  it.each([
    ['a.png', 'sharp', [60, 40]],
    ['e.mp4', 'ffmpeg', [53, 40]],
    ['c.pdf', 'sharp', [40, 40]],
    ['d.txt', 'sharp', [undefined, 40]],
  ])('a thumbnail of %s, at last by %s', async (name, engine, [width, height]) => {
    const { task, made } = await done({ operation: 'thumbnail', output_format: 'webp', width: 100, height: 40 }, name);
    expect(task).toMatchObject({ status: 'finished', message: null, engine });
    const seen = await look(made[0]!);
    expect([seen.format, width === undefined ? width : seen.width, seen.height]).toEqual(['webp', width, height]);
  });

  it.each(['b.jpg', 'h.avif'])('%s to pdf, upright, by way of another picture', async (name) => {
    const { task, made } = await done({ operation: 'convert', output_format: 'pdf', filename: 'named.pdf' }, name);
    expect(task).toMatchObject({ status: 'finished', engine: 'libreoffice', result: { files: [{ filename: 'named.pdf' }] } });
    expect([pagesOf(made[0]!), picturesOf(made[0]!)]).toEqual([[''], [name === 'b.jpg' ? [80, 120] : [120, 80]]]);
  });

  it('a retry is routed anew', async () => {
    const upload = await client.createTask('import/upload');
    expect(await client.api.upload(upload.result!.form!, 'c.pdf', files['c.pdf']!)).toBe(201);
    const first = await client.createTask('convert', { input: upload.id, output_format: 'png', pages: '1' });
    expect(await client.endedTask(first.id)).toMatchObject({ status: 'finished', engine: 'poppler' });
    const again = expectData<TaskJson>(await client.call('POST', `/v2/tasks/${first.id}/retry`), 201);
    expect(await client.endedTask(again.id)).toMatchObject({ status: 'finished', engine: 'poppler' });
  });
});

describe('a file that fits no route', () => {
  it.each([
    [{ operation: 'convert', output_format: 'png' }, 'f.mp3', 'INVALID_CONVERSION_TYPE', /a file of the format mp3 to png\. It can be converted to .*\bwav\b/],
    [{ operation: 'convert', output_format: 'jpg', engine: 'sharp' }, 'c.pdf', 'INVALID_CONVERSION_TYPE', /a file of the format pdf to jpg by sharp/],
    [{ operation: 'convert', output_format: 'jpg', pages: '1' }, 'a.png', 'INVALID_INPUT', /^The file is of the format png and goes to sharp\. The pages option is not supported/],
    [{ operation: 'thumbnail', output_format: 'png' }, 'f.mp3', 'INVALID_CONVERSION_TYPE', /^A thumbnail of a file of the format mp3 cannot be made/],
  ])('%j of %s', async (task, name, code, message) => {
    const { task: ended, made } = await done(task, name);
    expect(ended).toMatchObject({ status: 'error', code, message: expect.stringMatching(message), started_at: null });
    expect(made).toEqual([]);
  });

  it('is told at once where it is known already', async () => {
    expect(errorOf(await client.call('POST', '/v2/merge', { input: 'one', output_format: 'pdf' }))).toMatchObject({ status: 422, errors: { input: ['The input must name at least 2 tasks.'] } });
    const known = { operation: 'convert', input: 'in', input_format: 'mp3', output_format: 'png' };
    expect(errorOf(await client.call('POST', '/v2/jobs', { tasks: { in: imported('f.mp3'), do: known } }))).toMatchObject({ status: 422, code: 'INVALID_CONVERSION_TYPE' });
  });
});

describe('operations over both pools', () => {
  it('merge joins pages of every kind, in order', async () => {
    const { task, made } = await done({ operation: 'merge', output_format: 'pdf', filename: 'all.pdf' }, 'c.pdf', 'b.jpg', 'd.txt', 'a.png');
    expect(task).toMatchObject({ status: 'finished', message: null, engine: 'qpdf', result: { files: [{ filename: 'all.pdf' }] } });
    expect(pagesOf(made[0]!)).toEqual(['seen', '', 'Some words.', '']);
  });

  it('archive takes files of any kind, metadata tells of one', async () => {
    const packed = await done({ operation: 'archive', output_format: 'zip' }, 'f.mp3', 'd.txt');
    expect([packed.task.status, packed.made[0]!.subarray(0, 2).toString()]).toEqual(['finished', 'PK']);
    const job = await client.run({ in: imported('b.jpg'), do: { operation: 'metadata', input: 'in' } });
    expect(taskNamed(job, 'do')).toMatchObject({ status: 'finished', engine: 'exiftool', result: { metadata: { Copyright: 'millrace-test' } } });
  });
});

describe('a version that is asked for', () => {
  it.each([
    ['sharp', { operation: 'thumbnail', output_format: 'png' }, 'a.png'],
    ['ffmpeg', { operation: 'convert', output_format: 'wav' }, 'f.mp3'],
    ['exiftool', { operation: 'metadata' }, 'a.png'],
    ['libreoffice', { operation: 'convert', output_format: 'docx' }, 'd.txt'],
    ['poppler', { operation: 'convert', output_format: 'png' }, 'c.pdf'],
    ['archivetool', { operation: 'archive', output_format: 'zip' }, 'd.txt'],
  ])('of %s is done by the one that is installed', async (engine, task, name) => {
    const { text } = await client.call('GET', `/v2/operations?filter[engine]=${engine}&filter[operation]=${task.operation}&include=engine_versions&alternatives=true`);
    const [entry] = (JSON.parse(text) as { data: { engine_versions: { version: string }[] }[] }).data;
    const { version } = entry!.engine_versions[0]!;
    const finished = await done({ ...task, engine, engine_version: version }, name);
    expect(finished.task).toMatchObject({ status: 'finished', engine, engine_version: version });
  });

  it('takes no right that a pool lacks', () => {
    for (const service of ['engine-ffmpeg', 'engine-office', 'import-service', 'export-service']) expect(stack.logOf(service)).not.toMatch(/permissions violation/i);
  });
});

describe('GET /v2/operations', () => {
  const listed = async (url: string): Promise<{ operation: string; input_format: string; output_format: string; engine: string }[]> => {
    const answer = await fetch(new URL(url, stack.gateways[0]));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringContaining('application/json')]);
    return ((await answer.json()) as { data: never[] }).data;
  };

  it('tells anybody what can be done here', async () => {
    const all = await listed('/v2/operations');
    for (const operation of ['import/upload', 'import/url', 'convert', 'thumbnail', 'merge', 'archive', 'metadata', 'export/url', 'export/upload']) expect(all.map((entry) => entry.operation)).toContain(operation);
    const docx = await listed('/v2/convert/formats?filter%5Binput_format%5D=docx&filter[output_format]=pdf&filter[engine]=&alternatives=&include=options,engine_versions');
    expect(docx).toMatchObject([{ operation: 'convert', engine: 'libreoffice', options: expect.arrayContaining([expect.objectContaining({ name: 'pages' })]), engine_versions: [{ latest: true, version: expect.stringMatching(/^\d/) }] }]);
    expect(new Set((await listed('/v2/convert/formats')).map(({ operation }) => operation))).toEqual(new Set(['convert']));
  });
});

it('what is kept of routed jobs is the fold of their log', async () => {
  expect(jobs.length).toBeGreaterThan(10);
  expect(await checkInvariants(stack, jobs)).toEqual([]);
});
