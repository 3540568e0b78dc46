import { randomUUID } from 'node:crypto';
import { EVENT_MAX_BYTES } from '@millrace/contracts';
import { createDatabase, type Database } from '@millrace/database';
import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import { type Append, append, ConcurrencyError, type NewEvent, listStreams, readStream } from '.';
import { event, events } from './testing/events';

let test: TestDatabase;
let database: Database;

beforeAll(async () => {
  test = await createTestDatabase();
  database = createDatabase({ url: test.url, applicationName: 'test' });
});

afterAll(async () => {
  await database.close();
  await test.drop();
});

/** Appends in a transaction of its own. */
const write = (stream: string, expectedVersion: number, what: readonly NewEvent[], over: Partial<Append> = {}): Promise<{ version: number }> =>
  database.transaction((trx) => append(trx, { stream, account: 1000, expectedVersion, inputId: randomUUID(), events: what, ...over }));

const stored = (stream: string) => readStream(database.kysely, stream);
const versions = async (stream: string): Promise<number[]> => (await stored(stream)).map(({ version }) => version);
const conflict = (kind: ConcurrencyError['kind']) => expect.objectContaining({ name: 'ConcurrencyError', kind });

/** 64 KB to the byte, as JSON. */
const filled = (bytes: number): NewEvent => event({ data: { text: 'x'.repeat(bytes - '{"text":""}'.length) } });

describe('append', () => {
  it('gives the events of a stream contiguous versions, and keeps what they hold', async () => {
    const stream = randomUUID();
    expect(await write(stream, 0, events(2), { inputId: 'create' })).toEqual({ version: 2 });
    const last = event({ type: 'Ended', terminal: true, data: { reason: 'ü\u2028"' }, meta: { account: 7, traceparent: 't' } });
    expect(await write(stream, 2, [event(), last], { inputId: 'end' })).toEqual({ version: 4 });
    const found = await stored(stream);
    expect(found.map(({ version, inputId }) => [version, inputId])).toEqual([[1, 'create'], [2, null], [3, 'end'], [4, null]]);
    expect(found[3]).toMatchObject({ ...last, stream, at: expect.any(Date), position: expect.any(Number) });
  });

  it('refuses a version that the stream is not at, and leaves nothing', async () => {
    const stream = randomUUID();
    await expect(write(stream, 1, events(1))).rejects.toEqual(conflict('version'));
    await write(stream, 0, events(2));
    for (const expected of [0, 1, 3]) await expect(write(stream, expected, events(1))).rejects.toEqual(conflict('version'));
    expect(await versions(stream)).toEqual([1, 2]);
  });

  it.each([[0], [1]])('lets one of eight through that append at version %i at once', async (expectedVersion) => {
    const stream = randomUUID();
    if (expectedVersion > 0) await write(stream, 0, events(1));
    const ends = await Promise.allSettled(Array.from({ length: 8 }, () => write(stream, expectedVersion, events(3))));
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(ends.filter(({ status }) => status === 'rejected').map((end) => (end as PromiseRejectedResult).reason)).toEqual(Array(7).fill(conflict('version')));
    expect(await versions(stream)).toEqual(Array.from({ length: expectedVersion + 3 }, (_, i) => i + 1));
  });

  it('holds a command once: its repeat is refused in the same stream and welcome in another', async () => {
    const [stream, other] = [randomUUID(), randomUUID()];
    await write(stream, 0, events(2), { inputId: 'claim' });
    await expect(write(stream, 2, events(1), { inputId: 'claim' })).rejects.toEqual(conflict('input'));
    await write(other, 0, events(1), { inputId: 'claim' });
    expect([await versions(stream), await versions(other)]).toEqual([[1, 2], [1]]);
  });

  it('refuses to append nothing: a stream without events would be left', async () => {
    const stream = randomUUID();
    await expect(write(stream, 0, [])).rejects.toThrow('without events');
    expect(await listStreams(database.kysely, null, 1_000)).not.toContain(stream);
  });

  it('ends a stream once', async () => {
    const stream = randomUUID();
    await write(stream, 0, [event({ terminal: true })]);
    await write(stream, 1, [event()]);
    await expect(write(stream, 2, [event(), event({ terminal: true })])).rejects.toEqual(conflict('terminal'));
    expect(await versions(stream)).toEqual([1, 2]);
  });

  it('takes an event of 64 KB and none above, in bytes and not in letters', async () => {
    const stream = randomUUID();
    await write(stream, 0, [filled(EVENT_MAX_BYTES)]);
    await expect(write(stream, 1, [event(), filled(EVENT_MAX_BYTES + 1)])).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    await expect(write(stream, 1, [event({ data: { text: 'ü'.repeat(EVENT_MAX_BYTES / 2) } })])).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(await versions(stream)).toEqual([1]);
  });

  it('is undone with the transaction that it is part of', async () => {
    const [stream, fresh] = [randomUUID(), randomUUID()];
    await write(stream, 0, events(1));
    const failing = database.transaction(async (trx) => {
      await append(trx, { stream, account: 1000, expectedVersion: 1, inputId: 'a', events: events(2) });
      await append(trx, { stream: fresh, account: 1000, expectedVersion: 0, inputId: 'a', events: events(2) });
      throw new Error('changed its mind');
    });
    await expect(failing).rejects.toThrow('changed its mind');
    expect([await versions(stream), await versions(fresh)]).toEqual([[1], []]);
    expect(await write(stream, 1, events(1), { inputId: 'a' })).toEqual({ version: 2 });
  });
});

describe('reading streams', () => {
  it('brings old events to their newest schema', async () => {
    const stream = randomUUID();
    await write(stream, 0, [event({ data: { a: 1 } }), event({ data: { c: 1 }, schemaVersion: 3 }), event({ type: 'Other' })]);
    const upcasters = { Noted: { 1: (data: unknown) => ({ b: (data as { a: number }).a }), 2: (data: unknown) => ({ c: (data as { b: number }).b }) } };
    const found = await readStream(database.kysely, stream, upcasters);
    expect(found.map(({ data, schemaVersion }) => [data, schemaVersion])).toEqual([[{ c: 1 }, 3], [{ c: 1 }, 3], [{ note: 'x' }, 1]]);
  });

  it('lists all streams in pages', async () => {
    for (let i = 0; i < 3; i += 1) await write(randomUUID(), 0, events(1));
    const all = await listStreams(database.kysely, null, 1_000);
    const paged: string[] = [];
    for (let page = await listStreams(database.kysely, null, 2); page.length > 0; page = await listStreams(database.kysely, page[page.length - 1]!, 2)) paged.push(...page);
    expect(all.length).toBeGreaterThanOrEqual(3);
    expect(paged).toEqual(all);
  });
});
