import type { Links, ResourceLists, TaskNow, TaskRow } from '@millrace/job-store';
import { includedIn, MOST_INCLUDED } from './included';

const LINKS = { publicUrl: 'http://x.test' } as Links;
const task = (id: string, inputs: string[] = [], over: Partial<TaskRow> = {}): TaskRow =>
  ({ id, stream: `job-${id}`, kind: 'job', operation: 'convert', status: 'waiting', phase: 'waiting', created_at: '2026-01-01T00:00:00.000Z', started_at: null, ended_at: null, retry_of: null, view: { inputs, options: {}, files: [] }, ...over }) as unknown as TaskRow;
const now = (row: TaskRow): TaskNow => ({ task: row, percent: 40 });

/** Lists that answer what they are given and note what they were asked. */
function lists(found: { tasks?: TaskRow[]; retries?: TaskRow[] }) {
  const asked: unknown[] = [];
  const fake: Partial<ResourceLists> = {
    tasksById: async (account, ids) => (asked.push(['tasks', account, ids]), (found.tasks ?? []).map(now)),
    retriesOf: async (account, ids) => (asked.push(['retries', account, ids]), (found.retries ?? []).map(now)),
    jobsById: async (account, ids) => (asked.push(['jobs', account, ids]), []),
  };
  return { asked, lists: fake as ResourceLists };
}
const include = (...names: string[]): ReadonlySet<string> => new Set(names);

it('asks for nothing where nothing is to be included', async () => {
  const { asked, lists: fake } = lists({});
  expect((await includedIn([task('a', ['b'])], include('payload'), { account: 7, lists: fake, links: LINKS }))(task('a', ['b']))).toEqual({});
  expect(asked).toEqual([['tasks', 7, []], ['retries', 7, []], ['jobs', 7, []]]);
});

it('asks once for what several tasks need, and leaves out inputs that are gone', async () => {
  const { asked, lists: fake } = lists({ tasks: [task('x')], retries: [task('r', [], { retry_of: 'a' })] });
  const tasks = [task('a', ['x', 'gone']), task('b', ['x'])];
  const shown = await includedIn(tasks, include('depends_on_tasks', 'retries', 'job'), { account: 7, lists: fake, links: LINKS });
  expect(asked).toEqual([['tasks', 7, ['x', 'gone']], ['retries', 7, ['a', 'b']], ['jobs', 7, ['job-a', 'job-b']]]);
  expect(shown(tasks[0]!)).toMatchObject({ depends_on_tasks: [{ id: 'x', percent: 40 }], retries: [{ id: 'r', retry_of_task_id: 'a' }], job: null });
  expect(shown(tasks[1]!)).toMatchObject({ depends_on_tasks: [{ id: 'x' }], retries: [], job: null });
});

it('refuses an answer that would be too large, before it is made', async () => {
  const many = Array.from({ length: MOST_INCLUDED / 500 + 1 }, (_, n) => task(`t${n}`, Array.from({ length: 500 }, (__, i) => `i${i}`)));
  const { asked, lists: fake } = lists({});
  const refused = includedIn(many, include('depends_on_tasks'), { account: 7, lists: fake, links: LINKS });
  await expect(refused).rejects.toMatchObject({ code: 'INVALID_DATA', errors: { per_page: [expect.stringContaining('smaller per_page')] } });
  expect(asked).toEqual([]);
  const retried = lists({ retries: Array.from({ length: MOST_INCLUDED + 1 }, (_, n) => task(`r${n}`, [], { retry_of: 'a' })) });
  await expect(includedIn([task('a')], include('retries'), { account: 7, lists: retried.lists, links: LINKS })).rejects.toMatchObject({ code: 'INVALID_DATA' });
});
