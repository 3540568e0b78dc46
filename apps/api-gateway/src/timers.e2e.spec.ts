import { sql } from 'kysely';
import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import { type RunningGateway, startGateway } from './testing/running-gateway';

describe('timers of what the gateway appends', () => {
  let database: TestDatabase;
  let gateway: RunningGateway;

  beforeAll(async () => {
    database = await createTestDatabase();
    gateway = await startGateway(database.url, { ENGINE_UNAVAILABLE_AFTER: '7s', RETENTION: '3h' });
  }, 60_000);

  afterAll(async () => {
    await gateway.stop();
    await database.drop();
  });

  const secondsOf = async (stream: string): Promise<Record<string, number>> => {
    const { rows } = await sql<{ kind: string; seconds: number }>`
      select kind, extract(epoch from due_at - (select max((data ->> 'at')::timestamptz) from job_events e where e.stream = t.stream))::float8 as seconds
      from job_timers t where stream = ${stream}`.execute(gateway.stores.database.kysely);
    return Object.fromEntries(rows.map(({ kind, seconds }) => [kind, seconds]));
  };

  it('a queued task waits, and an ended job stays, as long as the settings say', async () => {
    const { data } = (await gateway.call('POST', '/v2/jobs', { tasks: { run: { operation: 'fault' } } })).json;
    expect(await secondsOf(data.id)).toEqual({ queue: 7 });
    await gateway.call('POST', `/v2/tasks/${data.tasks[0].id}/cancel`);
    expect(await secondsOf(data.id)).toEqual({ retention: 3 * 3600 });
  });
});
