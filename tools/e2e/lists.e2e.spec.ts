import { randomUUID } from 'node:crypto';
import { type Stack, startStack } from '../testing/stack';
import { otherAccount } from './accounts';
import { Client, errorOf, expectData, type JobJson, type TaskJson, taskNamed } from './client';
import { query } from './database';

interface Page<T> {
  readonly data: readonly T[];
  readonly links: { readonly first: string; readonly last: null; readonly prev: string | null; readonly next: string | null };
  readonly meta: { readonly current_page: number; readonly from: number | null; readonly path: string; readonly per_page: number; readonly to: number | null };
}

let stack: Stack;
let client: Client;
let stranger: Client;
let finished: JobJson;
let failed: JobJson;
let waiting: JobJson;
let standalone: TaskJson;

const good = { in: { operation: 'import/raw', file: 'x', filename: 'x.txt' }, out: { operation: 'export/url', input: 'in' } };
const bad = { in: { operation: 'fault', mode: 'fail' }, out: { operation: 'export/url', input: 'in' } };

beforeAll(async () => {
  stack = await startStack();
  client = Client.of(stack);
  stranger = otherAccount(stack, 'stranger@millrace.test');
  finished = await client.run(good, { tag: 'a/b & c' });
  failed = await client.run(bad);
  waiting = await client.createJob({ in: { operation: 'import/upload' } });
  standalone = await client.createTask('import/raw', { file: 'y', filename: 'y.txt' });
}, 120_000);
afterAll(() => stack?.stop(), 120_000);

async function page<T>(url: string, as = client): Promise<Page<T>> {
  const { status, text } = await as.call('GET', url);
  if (status !== 200) throw new Error(`${status}: ${text}`);
  return JSON.parse(text) as Page<T>;
}
const idsOf = async (url: string, as = client): Promise<string[]> => (await page<{ id: string }>(url, as)).data.map(({ id }) => id);

it('lists the jobs of the account, the newest first, without tasks unless they are asked for', async () => {
  const { data, links, meta } = await page<JobJson>('/v2/jobs');
  expect(data.map(({ id }) => id)).toEqual([waiting.id, failed.id, finished.id]);
  expect(data.some((job) => 'tasks' in job)).toBe(false);
  const path = `${stack.baseUrl}/v2/jobs`;
  expect(links).toEqual({ first: `${path}?page=1`, last: null, prev: null, next: null });
  expect(meta).toEqual({ current_page: 1, from: 1, path, per_page: 100, to: 3 });
  const { data: whole } = await page<JobJson>('/v2/jobs?include=tasks');
  expect(whole).toEqual(await Promise.all(data.map(({ id }) => client.job(id))));
});

it.each([
  ['filter[status]=finished', () => [finished.id]],
  ['filter%5Bstatus%5D=error', () => [failed.id]],
  ['filter[status]=waiting', () => [waiting.id]],
  ['filter[status]=processing', () => []],
  ['filter[tag]=a%2Fb+%26%20c', () => [finished.id]],
  ['filter[tag]=a', () => []],
  ['filter[status]=&filter[tag]=&include=&per_page=&page=', () => [waiting.id, failed.id, finished.id]],
  ['include=System.String[]&filter[other]=x', () => [waiting.id, failed.id, finished.id]],
  [`filter[access_token]=${randomUUID()}`, () => []],
])('jobs?%s', async (asked, ids) => {
  expect(await idsOf(`/v2/jobs?${asked}`)).toEqual(ids());
});

it('lists jobs by the key that made them', async () => {
  const [key] = await query<{ id: string }>(stack, 'select id from api_keys order by created_at limit 1');
  expect(await idsOf(`/v2/jobs?filter[access_token]=${key!.id}`)).toEqual([waiting.id, failed.id, finished.id]);
});

it('leads over all pages by its links, and keeps the filter on the way', async () => {
  const seen: string[] = [];
  const pages: Page<JobJson>[] = [];
  for (let url: string | null = '/v2/jobs?per_page=2&include=tasks&filter[tag]='; url !== null; url = pages.at(-1)!.links.next) {
    pages.push(await page<JobJson>(url));
    seen.push(...pages.at(-1)!.data.map(({ id }) => id));
  }
  expect(seen).toEqual([waiting.id, failed.id, finished.id]);
  expect(pages.map(({ meta }) => [meta.current_page, meta.from, meta.to, meta.per_page])).toEqual([[1, 1, 2, 2], [2, 3, 3, 2]]);
  expect(pages[1]!.data[0]!.tasks).toHaveLength(2);
  expect(await idsOf(pages[1]!.links.prev!)).toEqual([waiting.id, failed.id]);
  expect(await page('/v2/jobs?page=9')).toMatchObject({ data: [], links: { next: null }, meta: { from: null, to: null } });
});

it.each([
  ['/v2/jobs?filter[status]=done', 'filter[status]', /waiting, processing, finished, error/],
  ['/v2/tasks?filter[status]=queued', 'filter[status]', /waiting, processing, finished, error/],
  ['/v2/jobs?per_page=1001', 'per_page', /1000/],
  ['/v2/tasks?per_page=0', 'per_page', /at least 1/],
  ['/v2/tasks?page=two', 'page', /1 to 1000000/],
  ['/v2/jobs?filter[tag]=%00', 'filter[tag]', /characters/],
])('%s is refused', async (url, field, message) => {
  const error = errorOf(await client.call('GET', url));
  expect(error).toMatchObject({ status: 422, code: 'INVALID_DATA', errors: { [field]: [expect.stringMatching(message)] } });
});

it('lists tasks, of jobs and standalone ones', async () => {
  const tasks = await page<TaskJson>('/v2/tasks');
  expect(tasks.data.map(({ id }) => id)).toEqual([standalone, ...waiting.tasks, ...failed.tasks, taskNamed(finished, 'in'), taskNamed(finished, 'out')].map(({ id }) => id));
  expect(tasks.data.find(({ id }) => id === taskNamed(finished, 'out').id)).toEqual(taskNamed(finished, 'out'));
  expect(tasks.meta.path).toBe(`${stack.baseUrl}/v2/tasks`);
  expect(await idsOf(`/v2/tasks?filter[job_id]=${failed.id}`)).toEqual(failed.tasks.map(({ id }) => id));
  expect(await idsOf(`/v2/tasks?filter[job_id]=${standalone.id}`)).toEqual([]);
  expect(await idsOf('/v2/tasks?filter[job_id]=nonsense')).toEqual([]);
  expect(await idsOf('/v2/tasks?filter[operation]=import%2Fraw&filter[status]=finished')).toEqual([standalone.id, taskNamed(finished, 'in').id]);
});

it('includes what is asked for, and nothing else', async () => {
  const [plain] = (await page<TaskJson>(`/v2/tasks?filter[job_id]=${finished.id}`)).data;
  for (const key of ['payload', 'retries', 'depends_on_tasks', 'job']) expect(plain).not.toHaveProperty(key);
  const source = taskNamed(finished, 'in');
  const retry = expectData<TaskJson>(await client.call('POST', `/v2/tasks/${source.id}/retry`), 201);
  const ended = await client.endedTask(retry.id);
  const { tasks: _tasks, ...summary } = finished;
  const { data } = await page<TaskJson>(`/v2/tasks?filter[job_id]=${finished.id}&include=payload,retries,depends_on_tasks,job,else`);
  expect(data).toMatchObject([
    { id: source.id, payload: { filename: 'x.txt' }, retries: [ended], depends_on_tasks: [], job: summary },
    { retries: [], depends_on_tasks: [source], job: summary },
  ]);
  expect(await client.task(source.id, 'job,retries,depends_on_tasks,payload')).toEqual(data[0]);
  expect(await client.task(standalone.id, 'job')).toMatchObject({ job: null });
  expect(expectData<JobJson>(await client.call('GET', `/v2/jobs/${finished.id}?include=tasks`), 200)).toEqual(finished);
});

it('shows nothing of another account', async () => {
  expect(await idsOf('/v2/jobs', stranger)).toEqual([]);
  expect(await idsOf('/v2/tasks', stranger)).toEqual([]);
  expect(await idsOf(`/v2/tasks?filter[job_id]=${finished.id}&include=retries,job`, stranger)).toEqual([]);
  const own = await stranger.run(good);
  expect(await idsOf('/v2/jobs?filter[status]=finished', stranger)).toEqual([own.id]);
  expect(await idsOf('/v2/jobs?filter[status]=finished')).toEqual([finished.id]);
});

it('leaves out what was deleted', async () => {
  expect((await client.call('DELETE', `/v2/jobs/${failed.id}`)).status).toBe(204);
  expect(await idsOf('/v2/jobs')).toEqual([waiting.id, finished.id]);
  expect(await idsOf(`/v2/tasks?filter[job_id]=${failed.id}`)).toEqual([]);
});
