import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { type BlobStore, createFsBlobStore } from '@millrace/blob-store';
import { createDatabase, type Database, LeaderLease } from '@millrace/database';
import { BlobLedger, type LeaderToken } from '@millrace/job-store';
import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import { sql } from 'kysely';
import { BlobSweep } from './blob-sweep';

const HOUR_MS = 3_600_000;
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let test: TestDatabase;
let database: Database;
let folder: string;
let blobs: BlobStore;
let leader: LeaderToken;
let now: number;
let sweep: BlobSweep;

beforeEach(async () => {
  test = await createTestDatabase();
  database = createDatabase({ url: test.url, applicationName: 'test' });
  folder = await mkdtemp(path.join(tmpdir(), 'sweep-'));
  blobs = createFsBlobStore(folder);
  leader = (await new LeaderLease(database.kysely).lead('blob-sweep', 'a', 60_000))!;
  now = Date.now();
  sweep = new BlobSweep(new BlobLedger(database), blobs, { now: () => now, sleep: async () => undefined }, log);
});

afterEach(async () => {
  await database.close();
  await test.drop();
  await rm(folder, { recursive: true });
});

async function stored(task: string = randomUUID(), run: string = randomUUID()): Promise<string> {
  const key = `${task}/${run}/0`;
  await blobs.put(key, Readable.from(['bytes']));
  return key;
}

const row = (blob: string, released: string | null) => sql`insert into blobs (blob, released_at) values (${blob}, ${released}::timestamptz)`.execute(database.kysely);
const hold = (blob: string) => sql`insert into blob_references (blob, stream, task, role) values (${blob}, ${randomUUID()}, 't', 'output')`.execute(database.kysely);
const hoursAgo = (hours: number): string => new Date(Date.now() - hours * HOUR_MS).toISOString();
const there = async (key: string): Promise<boolean> => (await blobs.stat(key)) !== undefined;

it('removes what was released an hour ago, and nothing that is held or was just released', async () => {
  const [old, fresh, held] = [await stored(), await stored(), await stored()];
  await row(old, hoursAgo(1.1));
  await row(fresh, hoursAgo(0.9));
  await row(held, hoursAgo(2));
  await hold(held);
  await sweep.tick(leader);
  expect([await there(old), await there(fresh), await there(held)]).toEqual([false, true, true]);
});

it('removes old files that nobody names, but not those of a live run or an open upload', async () => {
  const [running, run, uploading] = [randomUUID(), randomUUID(), randomUUID()];
  const orphan = await stored();
  const live = await stored(running, run);
  const lost = await stored(running);
  const upload = await stored(uploading);
  const named = await stored();
  await row(named, null);
  for (const [id, phase] of [[running, 'running'], [uploading, 'uploading']]) {
    await sql`
      insert into tasks (id, stream, account, kind, ordinal, operation, phase, status, step, attempt, losses, region, priority, run, created_at, view)
      values (${id}, ${id}, 1000, 'task', 0, 'convert', ${phase}, 'processing', 0, 1, 0, 'local', 0, ${phase === 'running' ? run : null}, now(), '{}')`.execute(database.kysely);
  }
  await sweep.tick(leader);
  expect(await there(orphan)).toBe(true);
  now += 1.1 * HOUR_MS;
  await sweep.tick(leader);
  expect(await Promise.all([orphan, live, lost, upload, named].map(there))).toEqual([false, true, false, true, true]);
});

it('removes nothing when somebody else leads', async () => {
  const old = await stored();
  await row(old, hoursAgo(2));
  await sql`update leaders set token = ${randomUUID()}`.execute(database.kysely);
  await expect(sweep.tick(leader)).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(await there(old)).toBe(true);
});
