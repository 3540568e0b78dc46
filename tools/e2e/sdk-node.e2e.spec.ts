import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sampleOf } from '../matrix/samples';
import { type Kind, problemOf } from '../matrix/probe';
import { startStack, type Stack } from '../testing/stack';
import { HostedClients } from './clients/hosted-client';
import { look, png } from './images';

const SDK = path.join(__dirname, 'clients/sdk.cjs');

let stack: Stack;
let clients: HostedClients;
const file: Record<'png' | 'mp4' | 'docx' | 'broken', string> = { png: '', mp4: '', docx: '', broken: '' };
beforeAll(async () => {
  stack = await startStack({ tls: true });
  clients = new HostedClients(stack);
  process.stdout.write(`[sdk] clients with hard-coded hosts reach the stack by ${clients.way}\n`);
  [file.png, file.broken] = [path.join(clients.folder, 'my photo.png'), path.join(clients.folder, 'broken.png')];
  writeFileSync(file.png, await png());
  writeFileSync(file.broken, (await png()).subarray(0, 60));
  for (const format of ['mp4', 'docx'] as const) file[format] = (await sampleOf(format, clients.folder))!;
}, 240_000);
afterAll(async () => {
  clients?.close();
  await stack?.stop();
}, 120_000);

/** Runs a scenario of the script; what it saw. Any: jobs and tasks as the SDK gives them. */
async function use(sdk: string, scenario: string, asked: object): Promise<any> {
  const output = path.join(clients.folder, `${sdk}-${scenario}-${Math.random()}`);
  mkdirSync(output);
  const { code, stdout, stderr } = await clients.run(SDK, [JSON.stringify({ sdk, scenario, output, ...asked })]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return { output, ...JSON.parse(stdout) };
}

const unlinked = ({ job }: { job: { tasks: { name: string }[] } }): unknown => JSON.parse(JSON.stringify(job.tasks.map(({ name, ...task }) => [name, task])).replace(/https:[^"]*/g, 'URL'));

describe.each([
  ['cloudconvert', '3'],
  ['cloudconvert-2', '2.3'],
])('%s, the SDK of generation %s, as npm has it', (sdk) => {
  it.each([
    ['png', 'webp', 'image', {}],
    ['png', 'jpg', 'image', { sandbox: true }],
    ['mp4', 'mp3', 'audio', { region: 'eu-central' }],
    ['docx', 'pdf', 'document', {}],
  ] as const)('makes a %s a %s (%s, %j): upload, events, wait, download', async (from, format, kind: Kind, at) => {
    const seen = await use(sdk, 'convert', { file: file[from], format, ...at, options: kind === 'image' ? { width: 60 } : {} });
    const domain = 'sandbox' in at ? 'sandbox.cloudconvert.com' : 'cloudconvert.com';
    expect(seen.created).toMatchObject({ tag: 'sdk', status: 'waiting', links: { self: `https://api.${domain}/v2/jobs/${seen.created.id}` } });
    expect(seen.created.tasks.map(({ name }: { name: string }) => name)).toEqual(['import-it', 'convert-it', 'export-it']);
    expect([seen.event.name, seen.late.name, seen.waited.status, seen.read.status, seen.isListed, seen.gone]).toEqual(['finished', 'finished', 'finished', 'finished', true, 404]);
    const name = `${path.parse(file[from]).name}.${format}`;
    const exported = seen.event.job.tasks.find(({ operation }: { operation: string }) => operation === 'export/url');
    expect(exported.result.files).toEqual([{ filename: name, size: expect.any(Number), url: expect.stringMatching(/^https:\/\/storage\.cloudconvert\.com\//) }]);
    const made = path.join(seen.output, name);
    expect(readFileSync(made).length).toBe(exported.result.files[0].size);
    expect(await problemOf(format, kind, made, false)).toBeUndefined();
    if (kind === 'image') expect(await look(readFileSync(made))).toMatchObject({ width: 60, height: 40 });
    // Whoever comes late, waits or reads is shown the same.
    expect(unlinked(seen.late)).toEqual(unlinked(seen.event));
    expect(seen.waited).toEqual(seen.event.job);
    expect(seen.read).toEqual(seen.event.job);
    const ends = seen.updates.filter(([, what]: string[]) => what === 'finished' || what === 'failed');
    expect(new Set(ends.map(String))).toEqual(new Set(['import-it,finished', 'convert-it,finished', 'export-it,finished']));
    expect(ends).toHaveLength(3);
  });

  it('is told that a job failed, and which task', async () => {
    const { event, task, waited } = await use(sdk, 'fail', { file: file.broken, format: 'webp' });
    expect([event.name, event.job.status, waited.status, task.code]).toEqual(['failed', 'error', 'error', 'INVALID_INPUT']);
  });

  it('works with tasks that have no job, and knows who it is', async () => {
    const { me, event, waited, cancelled, gone } = await use(sdk, 'tasks', { file: file.png, format: 'jpg' });
    expect(me).toMatchObject({ id: expect.any(Number), username: expect.any(String), email: expect.any(String), credits: expect.any(Number) });
    expect(event).toMatchObject({ status: 'finished', job_id: null, result: { files: [{ filename: 'my photo.png' }] } });
    expect(waited).toMatchObject({ status: 'finished', result: { files: [{ filename: 'my photo.jpg' }] } });
    expect([cancelled.status, cancelled.code, gone]).toEqual(['error', 'CANCELLED', 404]);
  });

  it('understands what is refused', async () => {
    const { key, body, missing } = await use(sdk, 'refusals', {});
    expect([key.status, body.status, missing.status]).toEqual([401, 422, 404]);
  });
});
