import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { createDatabase } from '@millrace/database';
import { createTestDatabase } from '@millrace/testing';
import { sql } from 'kysely';
import { append, LOG_LOCK, LogReader } from '.';

// The lock may be granted in the very moment in which its time-out fires; a reader that kept it then would stop all appends for good.
it('a reader that gave up on the lock of the log does not hold it, however close it was', async () => {
  const test = await createTestDatabase();
  const database = createDatabase({ url: test.url, poolSize: 3, applicationName: 'test' });
  const reader = new LogReader(test.url);
  const event = () => ({ eventId: randomUUID(), type: 'Noted', schemaVersion: 1, data: {}, meta: {} });
  const answers = new Set<string>();
  try {
    for (let round = 0; round < 120; round += 1) {
      let reading: Promise<unknown> = Promise.resolve();
      await database.transaction(async (trx) => {
        await append(trx, { stream: randomUUID(), account: 1, expectedVersion: 0, inputId: 'create', events: [event()] });
        reading = reader.read(0, 1);
        // Around the 20 ms for which the reader waits.
        await wait(17 + (round % 6));
      });
      answers.add((await reading) === 'busy' ? 'busy' : 'read');
      const free = await sql<{ free: boolean }>`select pg_try_advisory_xact_lock_shared(${LOG_LOCK}) as free`.execute(database.kysely);
      // A statement that failed releases a moment after it said so.
      if (!free.rows[0]!.free) await wait(20);
      const again = await sql<{ free: boolean }>`select pg_try_advisory_xact_lock_shared(${LOG_LOCK}) as free`.execute(database.kysely);
      expect({ round, free: again.rows[0]!.free }).toEqual({ round, free: true });
    }
    expect(answers).toEqual(new Set(['busy', 'read']));
  } finally {
    await reader.close();
    await database.close();
    await test.drop();
  }
});
