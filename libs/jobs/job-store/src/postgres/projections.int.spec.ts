import { randomUUID } from 'node:crypto';
import { createDatabase, type Database } from '@millrace/database';
import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import { sql } from 'kysely';
import { CommandHandler, createPostgresJobStore, JobCommands, Projections, type StreamDifferences } from '..';
import { creation, plan, PLAIN_LINKS } from '../testing/plans';

let test: TestDatabase;
let database: Database;
let handler: CommandHandler;
let commands: JobCommands;
let projections: Projections;

beforeEach(async () => {
  test = await createTestDatabase();
  database = createDatabase({ url: test.url, applicationName: 'test' });
  const store = createPostgresJobStore({ database, links: PLAIN_LINKS });
  handler = new CommandHandler(store.log);
  commands = new JobCommands(handler, store.orchestration);
  projections = new Projections(database);
});

afterEach(async () => {
  await database.close();
  await test.drop();
});

async function all(found: AsyncIterable<StreamDifferences>): Promise<StreamDifferences[]> {
  const streams: StreamDifferences[] = [];
  for await (const stream of found) streams.push(stream);
  return streams;
}

const file = (task: string, run: string) => ({ blob: `${task}/${run}/0`, name: 'a.png', size: 3 });

/** A job that runs, one that finished, one that waits for an upload, one that was deleted. */
async function someJobs(): Promise<{ running: string; finished: string }> {
  const [first, second] = [plan(), plan()];
  const [running, finished, uploading, deleted] = [creation([first]), creation([second]), creation([plan({ steps: [] })]), creation([plan()])];
  for (const job of [running, finished, uploading, deleted]) await commands.create(job);
  await commands.deleteJob(deleted.id);
  for (const [job, task] of [[running, first], [finished, second]] as const) {
    const run = randomUUID();
    await handler.execute({ stream: job.id, inputId: `claim:${run}`, command: (now) => ({ type: 'ClaimTask', now, task: task.id, step: 0, attempt: 1, losses: 0, run, worker: 'w', engineVersion: '1' }) });
    if (job === running) continue;
    await handler.execute({
      stream: job.id,
      inputId: `report:${run}`,
      command: (now) => ({ type: 'ReportTask', now, task: task.id, run, outcome: { status: 'finished', files: [file(task.id, run)], message: null, metadata: null, output: null } }),
    });
  }
  return { running: running.id, finished: finished.id };
}

it('finds nothing to say of a system that works, moved leases included', async () => {
  await someJobs();
  await sql`update job_timers set due_at = due_at + interval '7 seconds' where kind = 'lease'`.execute(database.kysely);
  let looked = 0;
  expect(await all(projections.check(() => (looked += 1)))).toEqual([]);
  expect(looked).toBe(4);
});

it.each([
  ['a changed task', `update tasks set status = 'waiting' where phase = 'finished'`, 'tasks'],
  ['a lost timer', `delete from job_timers where kind = 'timeout'`, 'timers'],
  ['a timer at another time', `update job_timers set due_at = now() where kind = 'upload'`, 'timers'],
  ['a lost job', `delete from jobs where status = 'finished'`, 'jobs'],
  ['a lost reference', `delete from blob_references`, 'references'],
])('finds and repairs %s', async (_, damage, table) => {
  await someJobs();
  await sql.raw(damage).execute(database.kysely);
  const found = await all(projections.check());
  expect(found.flatMap(({ differences }) => differences.map((one) => one.table))).toEqual([table]);
  expect(await all(projections.rebuild())).toHaveLength(1);
  expect(await all(projections.check())).toEqual([]);
});

it('takes away rows that nothing in the log explains', async () => {
  const { running } = await someJobs();
  await sql`insert into job_timers (stream, kind, task, run, due_at) values (${running}, 'upload', 'x', '', now())`.execute(database.kysely);
  expect(await all(projections.rebuild())).toMatchObject([{ stream: running, differences: [{ table: 'timers', expected: undefined }] }]);
  expect(await all(projections.check())).toEqual([]);
});

it('rebuilds the read models from nothing', async () => {
  await someJobs();
  for (const table of ['jobs', 'tasks', 'job_timers', 'blob_references', 'blobs']) await sql`delete from ${sql.table(table)}`.execute(database.kysely);
  expect(await all(projections.rebuild())).toHaveLength(3);
  expect(await all(projections.check())).toEqual([]);
});
