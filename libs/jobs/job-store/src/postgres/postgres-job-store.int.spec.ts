import { randomUUID } from 'node:crypto';
import { createDatabase, type Database } from '@millrace/database';
import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import { sql } from 'kysely';
import { CommandHandler, createPostgresJobStore, JobCommands, type JobStore } from '..';
import { creation, plan, PLAIN_LINKS } from '../testing/plans';

let test: TestDatabase;
let database: Database;
let store: JobStore;
let handler: CommandHandler;
let commands: JobCommands;

beforeAll(async () => {
  test = await createTestDatabase();
  database = createDatabase({ url: test.url, applicationName: 'test' });
  store = createPostgresJobStore({ database, links: PLAIN_LINKS });
  handler = new CommandHandler(store.log);
  commands = new JobCommands(handler, store.orchestration);
});

afterAll(async () => {
  await database.close();
  await test.drop();
});

const count = async (table: string, where = sql`true`): Promise<number> =>
  (await sql<{ n: number }>`select count(*) as n from ${sql.table(table)} where ${where}`.execute(database.kysely)).rows[0]!.n;

const file = (task: string, run: string, name = 'a.png') => ({ blob: `${task}/${run}/${name}`, name, size: 3 });

const claim = (stream: string, task: string, run: string) =>
  handler.execute({ stream, inputId: `claim:${run}`, command: (now) => ({ type: 'ClaimTask', now, task, step: 0, attempt: 1, losses: 0, run, worker: 'w', engineVersion: '1' }) });

const finish = (stream: string, task: string, run: string, files = [file(task, run)]) =>
  handler.execute({
    stream,
    inputId: `report:${run}`,
    command: (now) => ({ type: 'ReportTask', now, task, run, outcome: { status: 'finished', files, message: null, metadata: null, output: null } }),
  });

describe('the job store on Postgres', () => {
  it('lets the creator read its own write, with timers and references', async () => {
    const upload = plan({ name: 'up', operation: 'import/upload', steps: [] });
    const convert = plan({ name: 'conv', inputs: [upload.id] });
    const job = creation([upload, convert], { tag: 't' });
    await commands.create(job);
    const view = await store.resources.job(job.id, 1000);
    expect(view?.job).toMatchObject({ status: 'waiting', tag: 't' });
    expect(view?.tasks.map((task) => [task.name, task.phase])).toEqual([['up', 'uploading'], ['conv', 'waiting']]);
    expect(await store.resources.job(job.id, 1001)).toBeUndefined();
    expect(await count('job_timers', sql`stream = ${job.id} and kind = 'upload'`)).toBe(1);
  });

  it('runs a job to its end: one of two claims goes, the report ends it, the webhook row is there', async () => {
    const task = plan();
    const job = creation([task], { webhookUrl: 'http://hook.test/' });
    await commands.create(job);
    const [a, b] = [randomUUID(), randomUUID()];
    const claims = await Promise.all([claim(job.id, task.id, a), claim(job.id, task.id, b)]);
    expect(claims.map((executed) => executed.events.length).sort()).toEqual([0, 1]);
    const run = claims[0].events.length > 0 ? a : b;
    expect(await store.orchestration.beat({ stream: job.id, task: task.id, run, percent: 40 }, 20_000)).toBe(1000);
    expect((await store.resources.job(job.id, 1000))?.percents.get(task.id)).toBe(40);
    await finish(job.id, task.id, run);
    expect((await finish(job.id, task.id, run)).repeated).toBe(true);
    expect(await store.orchestration.beat({ stream: job.id, task: task.id, run }, 20_000)).toBeUndefined();
    expect((await store.resources.job(job.id, 1000))?.job.status).toBe('finished');
    const { rows } = await sql<{ body: string }>`select body from webhook_deliveries where stream = ${job.id}`.execute(database.kysely);
    expect(rows).toHaveLength(1);
    expect(JSON.parse(rows[0]!.body)).toMatchObject({ event: 'job.finished', job: { id: job.id, status: 'finished' } });
  });

  it('wakes a stream that waits for a task of another, and keeps the blob for it', async () => {
    const source = plan({ name: null });
    const first = creation([source], { id: source.id, kind: 'task' });
    await commands.create(first);
    const waiting = plan({ name: null, inputs: [source.id] });
    const second = creation([waiting], { id: waiting.id, kind: 'task' });
    await commands.create(second);
    expect((await store.orchestration.dueTimers(['foreign'], [], 100)).filter((timer) => timer.stream === second.id)).toEqual([]);
    const run = randomUUID();
    await claim(first.id, source.id, run);
    await finish(first.id, source.id, run);
    const due = (await store.orchestration.dueTimers(['foreign'], [], 100)).filter((timer) => timer.stream === second.id);
    expect(due).toEqual([{ stream: second.id, kind: 'foreign', task: source.id, run: null }]);
    const found = (await store.orchestration.taskOutcome(source.id))!;
    await handler.execute({ stream: second.id, inputId: `input:${source.id}`, command: (now) => ({ type: 'InputResolved', now, input: source.id, outcome: 'finished', files: found.files }) });
    await commands.deleteTask(first.id, source.id);
    const { rows } = await sql<{ released_at: Date | null }>`select released_at from blobs where blob = ${file(source.id, run).blob}`.execute(database.kysely);
    expect(rows).toEqual([{ released_at: null }]);
    await commands.deleteTask(second.id, waiting.id);
    const after = await sql<{ released_at: Date | null }>`select released_at from blobs where blob = ${file(source.id, run).blob}`.execute(database.kysely);
    expect(after.rows[0]!.released_at).toBeInstanceOf(Date);
    expect(await count('tasks', sql`stream in (${first.id}, ${second.id})`)).toBe(0);
  });

  it('shows a queued task once, until the invitation is old', async () => {
    const task = plan({ steps: [{ engine: 'only-here', version: 'any' }] });
    await commands.create(creation([task]));
    const leader = (await store.leadership.lead('dispatcher', 'a', 5_000))!;
    const lane = { region: 'local', engine: 'only-here', version: 'any' };
    expect((await store.orchestration.waitingLanes(30_000)).filter((found) => found.engine === 'only-here')).toEqual([lane]);
    const waiting = await store.orchestration.waitingTasks(lane, 5, 30_000);
    expect(waiting.map((found) => found.task)).toEqual([task.id]);
    await store.orchestration.markInvited(waiting, leader);
    expect(await store.orchestration.waitingTasks(lane, 5, 30_000)).toEqual([]);
    expect(await store.orchestration.waitingTasks(lane, 5, 0)).toHaveLength(1);
    expect(await store.leadership.lead('dispatcher', 'b', 5_000)).toBeUndefined();
    await store.leadership.resign(leader);
    expect(await store.leadership.lead('dispatcher', 'b', 5_000)).toBeDefined();
    await expect(store.orchestration.markInvited(waiting, leader)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('counts the silence of an engine, and of a version of it, and only while it is silent', async () => {
    const tasks = [plan({ steps: [{ engine: 'nobody', version: 'any' }] }), plan({ name: 'old', steps: [{ engine: 'nobody', version: '0.9' }] })];
    const job = creation(tasks);
    await commands.create(job);
    const leader = (await store.leadership.lead('sweeper', 'a', 5_000))!;
    const silent = async (ms: number) => (await store.orchestration.countSilence(ms, 15_000, 1_000, leader)).filter((hosted) => hosted.startsWith('nobody')).sort();
    expect(await silent(600)).toEqual([]);
    expect(await silent(600)).toEqual(['nobody 0.9', 'nobody any']);
    await store.orchestration.announce({ worker: 'w', pool: 'media', region: 'local', slots: 2, free: 2, engines: [{ name: 'nobody', version: '1.0' }] });
    expect(await silent(600)).toEqual(['nobody 0.9']);
    await sql`update job_timers set due_at = now() - interval '1 s' where stream = ${job.id} and kind = 'queue'`.execute(database.kysely);
    expect((await store.orchestration.dueTimers(['queue'], await silent(0), 10)).map(({ task }) => task)).toEqual([tasks[1]!.id]);
    await store.orchestration.announce({ worker: 'v', pool: 'media', region: 'local', slots: 2, free: 0, engines: [{ name: 'nobody', version: '0.9' }] });
    expect(await silent(600)).toEqual([]);
    expect(await store.orchestration.freeSlots({ region: 'local', engine: 'nobody', version: 'any' }, 15_000)).toBe(2);
  });
});
