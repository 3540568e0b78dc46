import { createDatabase, type Database } from '@millrace/database';
import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import { type RawBuilder, sql } from 'kysely';
import type { JobFilter, ResourceLists, TaskFilter } from '../resource-lists';
import { jobsQuery, PostgresResourceLists, tasksQuery } from './resource-lists';

const OWN = 1000;
const OTHER = 1001;
const KEY = '11111111-1111-4111-8111-111111111111';
const JOBS = 20_000;

let test: TestDatabase;
let database: Database;
let lists: ResourceLists;

/** Ids that follow from the number, so that tests can name them; not in the order of time. */
const jobId = (n: number): string => `${(n * 2_654_435_761 % 4_294_967_296).toString(16).padStart(8, '0')}-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;

/** 20,000 jobs of one task, ten made at the same instant each; of every 1,000 one failed, one is processing and one has a tag and a key. The second account has 100. */
async function fill(): Promise<void> {
  const jobs = Array.from({ length: JOBS + 100 }, (_, n) => ({ id: jobId(n), account: n < JOBS ? OWN : OTHER, n }));
  await sql`
    with made as (select * from jsonb_to_recordset(${JSON.stringify(jobs)}::jsonb) as made (id uuid, account integer, n integer)),
    jobs_made as (
      insert into jobs (id, account, kind, status, region, priority, tag, api_key, created_at)
      select id, account, 'job', case n % 1000 when 1 then 'error' when 2 then 'processing' else 'finished' end, 'local', 50,
        case n % 1000 when 3 then 'rare' end, case when n % 1000 = 3 then ${KEY}::uuid end, timestamptz '2026-01-01 00:00:00+00' + interval '1 second' * (n / 10) from made)
    insert into tasks (id, stream, account, kind, ordinal, name, operation, phase, status, step, attempt, losses, region, priority, created_at, view)
    select id, id, account, 'job', 0, 'a', case n % 1000 when 4 then 'export/sftp' else 'convert' end, 'finished', case n % 1000 when 1 then 'error' else 'finished' end,
      0, 1, 0, 'local', 50, timestamptz '2026-01-01 00:00:00+00' + interval '1 second' * (n / 10), '{"inputs": []}' from made`.execute(database.kysely);
  await sql`analyze jobs, tasks`.execute(database.kysely);
}

beforeAll(async () => {
  test = await createTestDatabase();
  database = createDatabase({ url: test.url, applicationName: 'test', statementTimeoutMs: 60_000 });
  lists = new PostgresResourceLists(database.kysely);
  await fill();
}, 120_000);

afterAll(async () => {
  await database.close();
  await test.drop();
});

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** What Postgres really does for the query. */
async function explain(query: RawBuilder<unknown>): Promise<PlanNode[]> {
  const { rows } = await sql<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>`explain (analyze, format json) ${query}`.execute(database.kysely);
  return nodesOf(rows[0]!['QUERY PLAN'][0].Plan);
}

const page = (number: number, size = 100) => ({ limit: size, offset: (number - 1) * size });

describe('lists', () => {
  it.each<[string, JobFilter, string]>([
    ['all', {}, 'jobs_listed'],
    ['a rare status', { status: 'error' }, 'jobs_listed_by_status'],
    ['no status there is', { status: 'waiting' }, 'jobs_listed_by_status'],
    ['a tag', { tag: 'rare' }, 'jobs_listed_by_tag'],
    ['a key', { apiKey: KEY }, 'jobs_listed_by_key'],
  ])('jobs by %s come from an index, in its order', async (_, filter, index) => {
    const nodes = await explain(jobsQuery(OWN, filter, page(1))!);
    expect(nodes.map((node) => node['Index Name']).filter(Boolean)).toEqual([index]);
    expect(nodes.filter((node) => /Sort|Seq Scan|Bitmap/.test(node['Node Type']))).toEqual([]);
    expect(nodes.every((node) => (node['Rows Removed by Filter'] ?? 0) === 0)).toBe(true);
  });

  it.each<[string, TaskFilter, string]>([
    ['all', {}, 'tasks_listed'],
    ['a rare status', { status: 'error' }, 'tasks_listed_by_status'],
    ['a rare operation', { operation: 'export/sftp' }, 'tasks_listed_by_operation'],
    ['a job', { job: jobId(7) }, 'tasks_by_stream'],
  ])('tasks by %s come from an index', async (_, filter, index) => {
    const nodes = await explain(tasksQuery(OWN, filter, page(1))!);
    expect(nodes.map((node) => node['Index Name'])).toContain(index);
    expect(nodes.filter((node) => /Seq Scan|Bitmap/.test(node['Node Type']) && node['Actual Rows'] > 0)).toEqual([]);
    expect(nodes.every((node) => (node['Rows Removed by Filter'] ?? 0) === 0)).toBe(true);
  });

  it('pages hold each job once, the newest first, also those of one instant', async () => {
    const seen: { id: string; created_at: string }[] = [];
    for (let number = 1; number <= 5; number += 1) seen.push(...(await lists.jobs(OWN, {}, page(number, 7))));
    const newest = Array.from({ length: 40 }, (_, i) => ({ id: jobId(JOBS - 1 - i), at: Math.floor((JOBS - 1 - i) / 10) })).sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
    expect(seen.map(({ id }) => id)).toEqual(newest.slice(0, 35).map(({ id }) => id));
  });

  it('finds what the filters say, of the account only', async () => {
    const everything = { limit: 100_000, offset: 0 };
    expect(await lists.jobs(OWN, { status: 'error' }, everything)).toHaveLength(20);
    expect(await lists.jobs(OWN, { status: 'finished', tag: 'rare', apiKey: KEY }, everything)).toHaveLength(20);
    expect(await lists.jobs(OWN, { status: 'error', tag: 'rare' }, everything)).toEqual([]);
    expect(await lists.jobs(OTHER, {}, everything)).toHaveLength(100);
    expect((await lists.jobs(OWN, {}, page(200))).map(({ account }) => account)).toEqual(Array.from({ length: 100 }, () => OWN));
    expect(await lists.jobs(OWN, {}, page(201))).toEqual([]);
    expect((await lists.tasks(OWN, { job: jobId(7).toUpperCase() }, page(1))).map(({ task }) => task.id)).toEqual([jobId(7)]);
    expect(await lists.tasks(OTHER, { job: jobId(7) }, page(1))).toEqual([]);
    expect(await lists.tasksById(OTHER, [jobId(7)])).toEqual([]);
    expect(await lists.jobsById(OTHER, [jobId(7)])).toEqual([]);
    expect(await lists.tasksOfJobs(OTHER, [jobId(7)], 10)).toEqual([]);
  });

  it.each([{ job: 'nonsense' }, { job: "' or 1=1" }])('an id that is none finds nothing: %j', async (filter) => {
    expect(await lists.tasks(OWN, filter, page(1))).toEqual([]);
    expect(await lists.jobs(OWN, { apiKey: filter.job }, page(1))).toEqual([]);
  });

  it('tasks of jobs and repeats of tasks come in their order, as many as asked for', async () => {
    const [first, second] = [jobId(1), jobId(2)].sort() as [string, string];
    await sql`update tasks set retry_of = ${first} where id = any(${[jobId(11), jobId(12), jobId(30)]}::uuid[])`.execute(database.kysely);
    expect((await lists.tasksOfJobs(OWN, [second, first], 10)).map(({ task }) => task.stream)).toEqual([first, second]);
    expect(await lists.tasksOfJobs(OWN, [second, first], 1)).toHaveLength(1);
    const retries = await lists.retriesOf(OWN, [first], 10);
    expect(retries.map(({ task }) => task.id)).toEqual([...[jobId(11), jobId(12)].sort(), jobId(30)]);
    expect(await lists.retriesOf(OTHER, [first], 10)).toEqual([]);
  });

  it('shows how far a task is while its run is the present one', async () => {
    const [current, former] = [jobId(21), jobId(22)];
    await sql`update tasks set run = id where id = any(${[current, former]}::uuid[])`.execute(database.kysely);
    await sql`insert into task_progress (task, run, percent) values (${current}, ${current}, 40), (${former}, ${KEY}, 90)`.execute(database.kysely);
    const found = await lists.tasksById(OWN, [current, former]);
    expect(Object.fromEntries(found.map(({ task, percent }) => [task.id, percent]))).toEqual({ [current]: 40, [former]: undefined });
  });
});
