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
  database = createDatabase({ url: test.url, applicationName: 'test', poolSize: 20 });
  store = createPostgresJobStore({ database, links: PLAIN_LINKS });
  handler = new CommandHandler(store.log);
  commands = new JobCommands(handler, store.orchestration);
});

afterAll(async () => {
  await database.close();
  await test.drop();
});

const standalone = (inputs: string[] = []) => {
  const task = plan({ name: null, inputs });
  return creation([task], { id: task.id, kind: 'task' });
};

const blobOf = (task: string, run: string): string => `${task}/${run}/0`;

async function claimed(task: string): Promise<string> {
  const run = randomUUID();
  await handler.execute({ stream: task, inputId: `claim:${run}`, command: (now) => ({ type: 'ClaimTask', now, task, step: 0, attempt: 1, losses: 0, run, worker: 'w', engineVersion: '1' }) });
  return run;
}

const finish = (task: string, run: string) =>
  handler.execute({
    stream: task,
    inputId: `report:${run}`,
    command: (now) => ({
      type: 'ReportTask',
      now,
      task,
      run,
      outcome: { status: 'finished', files: [{ blob: blobOf(task, run), name: 'a.png', size: 3 }], message: null, metadata: null, output: null },
    }),
  });

async function finished(): Promise<{ id: string; blob: string }> {
  const source = standalone();
  await commands.create(source);
  const run = await claimed(source.id);
  await finish(source.id, run);
  return { id: source.id, blob: blobOf(source.id, run) };
}

/** True when nobody holds the blob; undefined when its row is gone. */
async function released(blob: string): Promise<boolean | undefined> {
  const { rows } = await sql<{ released: boolean }>`select released_at is not null as released from blobs where blob = ${blob}`.execute(database.kysely);
  return rows[0]?.released;
}

const phase = async (task: string): Promise<string | undefined> =>
  (await sql<{ phase: string }>`select phase from tasks where id = ${task}`.execute(database.kysely)).rows[0]?.phase;

const dueOf = async (stream: string) => (await store.orchestration.dueTimers(['foreign'], [], 1_000)).filter((timer) => timer.stream === stream);

const ROUNDS = Array.from({ length: 25 }, (_, index) => index);

it('a task created while its foreign input ends is queued, or called at once', async () => {
  await Promise.all(
    ROUNDS.map(async () => {
      const [source, run] = await (async () => {
        const made = standalone();
        await commands.create(made);
        return [made, await claimed(made.id)] as const;
      })();
      const waiting = standalone([source.id]);
      await Promise.all([commands.create(waiting), finish(source.id, run)]);
      if ((await phase(waiting.id)) === 'waiting') expect(await dueOf(waiting.id)).toHaveLength(1);
      else expect(await phase(waiting.id)).toBe('queued');
    }),
  );
});

it('a look that found the foreign input open does not put off the call of its end', async () => {
  await Promise.all(
    ROUNDS.map(async () => {
      const source = standalone();
      await commands.create(source);
      const run = await claimed(source.id);
      const waiting = standalone([source.id]);
      await commands.create(waiting);
      await sql`update job_timers set due_at = clock_timestamp() where stream = ${waiting.id} and kind = 'foreign'`.execute(database.kysely);
      await Promise.all([finish(source.id, run), store.orchestration.postponeForeign(waiting.id, source.id, 3_600_000)]);
      expect(await dueOf(waiting.id)).toHaveLength(1);
    }),
  );
});

it('a look that comes after the end puts nothing off, and one before it does', async () => {
  const source = standalone();
  await commands.create(source);
  const run = await claimed(source.id);
  const waiting = standalone([source.id]);
  await commands.create(waiting);
  await sql`update job_timers set due_at = clock_timestamp() where stream = ${waiting.id} and kind = 'foreign'`.execute(database.kysely);
  await store.orchestration.postponeForeign(waiting.id, source.id, 3_600_000);
  expect(await dueOf(waiting.id)).toEqual([]);
  await finish(source.id, run);
  await store.orchestration.postponeForeign(waiting.id, source.id, 3_600_000);
  expect(await dueOf(waiting.id)).toHaveLength(1);
});

it('two streams that drop the last references of a blob at once release it', async () => {
  await Promise.all(
    ROUNDS.map(async () => {
      const source = await finished();
      const user = standalone([source.id]);
      await commands.create(user);
      expect(await released(source.blob)).toBe(false);
      await Promise.all([commands.deleteTask(source.id, source.id), commands.deleteTask(user.id, user.id)]);
      expect(await released(source.blob)).toBe(true);
    }),
  );
});

it('who takes a blob while its owner goes either holds it or is refused', async () => {
  await Promise.all(
    ROUNDS.map(async () => {
      const source = await finished();
      const user = standalone([source.id]);
      const [created] = await Promise.allSettled([commands.create(user), commands.deleteTask(source.id, source.id)]);
      expect(await released(source.blob)).toBe(created.status === 'rejected');
      if (created.status === 'rejected') expect(created.reason).toMatchObject({ code: 'INVALID_DATA' });
    }),
  );
});

it('a beat of a run that was lost is told to stop, and gives it no time', async () => {
  const task = standalone();
  await commands.create(task);
  const run = await claimed(task.id);
  await handler.execute({ stream: task.id, inputId: `timer:lease:${task.id}:${run}`, command: (now) => ({ type: 'TimerFired', now: new Date(Date.parse(now) + 20_001).toISOString(), timer: 'lease', task: task.id, run }) });
  expect(await store.orchestration.beat({ stream: task.id, task: task.id, run, percent: 50 }, 20_000)).toBeUndefined();
  expect((await sql`select 1 from job_timers where stream = ${task.id} and kind = 'lease'`.execute(database.kysely)).rows).toEqual([]);
});
