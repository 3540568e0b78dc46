import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { systemClock } from '@millrace/config';
import { createDatabase, type Database } from '@millrace/database';
import { WebhookDeliveries } from '@millrace/job-store';
import { createSafeFetch } from '@millrace/safe-fetch';
import { createLogger } from '@millrace/telemetry';
import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import { sql } from 'kysely';
import { WebhookDispatch } from './dispatch';
import { send } from './send';

interface Received {
  readonly path: string;
  readonly body: string;
  readonly headers: Record<string, unknown>;
}

let test: TestDatabase;
let database: Database;
let server: Server;
let received: Received[];
let answers: Record<string, number[]>;

const log = createLogger({ service: 'test', level: 'silent' });

beforeAll(async () => {
  test = await createTestDatabase();
  database = createDatabase({ url: test.url, applicationName: 'test' });
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const path = request.url!;
      received.push({ path, body, headers: request.headers });
      const status = answers[path]?.shift() ?? 200;
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end('x'.repeat(100_000));
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await database.close();
  await test.drop();
});

beforeEach(() => {
  received = [];
  answers = {};
});

const at = (path: string): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

async function due(url: string, body = '{"event":"job.finished"}'): Promise<string> {
  const id = randomUUID();
  await sql`insert into webhook_deliveries (id, stream, account, event, url, body) values (${id}, ${randomUUID()}, 1000, 'job.finished', ${url}, ${body})`.execute(database.kysely);
  return id;
}

const row = async (id: string): Promise<{ state: string; attempts: number; last_status: number | null }> =>
  (await sql<{ state: string; attempts: number; last_status: number | null }>`select state, attempts, last_status from webhook_deliveries where id = ${id}`.execute(database.kysely)).rows[0]!;

/** Runs a dispatcher until `done` holds. */
async function dispatchUntil(done: () => Promise<boolean>, allow = ['127.0.0.1'], settings: { perHost?: number } = {}): Promise<void> {
  const safeFetch = createSafeFetch({ allow });
  const stop = new AbortController();
  const dispatch = new WebhookDispatch({
    deliveries: new WebhookDeliveries(database),
    send: (delivery) => send(delivery, { safeFetch, retryWaitsMs: [1, 1, 1] }),
    sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal),
    log,
    ...settings,
  });
  const running = dispatch.run(stop.signal);
  while (!(await done())) await systemClock.sleep(10);
  stop.abort();
  await running;
}

const ended = (id: string) => async () => (await row(id)).state !== 'pending';

describe('webhook deliveries', () => {
  it('posts the exact body of the row', async () => {
    const body = '{"event":"job.finished","job":{"id":"ü"}}';
    const id = await due(at('/ok'), body);
    await dispatchUntil(ended(id));
    expect(await row(id)).toEqual({ state: 'delivered', attempts: 1, last_status: 200 });
    expect(received).toMatchObject([{ path: '/ok', body, headers: { 'content-type': 'application/json' } }]);
  });

  it('tries three times more on 500 and above, then gives up', async () => {
    answers['/down'] = [500, 503, 500, 502];
    const id = await due(at('/down'));
    await dispatchUntil(ended(id));
    expect(await row(id)).toEqual({ state: 'failed', attempts: 4, last_status: 502 });
    answers['/soon'] = [500];
    const soon = await due(at('/soon'));
    await dispatchUntil(ended(soon));
    expect(await row(soon)).toEqual({ state: 'delivered', attempts: 2, last_status: 200 });
  });

  it.each([[404], [410], [302]])('does not repeat what was answered with %i, and follows nowhere', async (status) => {
    answers['/no'] = [status];
    const id = await due(at('/no'));
    await dispatchUntil(ended(id));
    expect(await row(id)).toEqual({ state: 'failed', attempts: 1, last_status: status });
    expect(received.map(({ path }) => path)).toEqual(['/no']);
  });

  it('never reaches a private address that is not allowed', async () => {
    const id = await due(at('/private'));
    await dispatchUntil(ended(id), []);
    expect(await row(id)).toEqual({ state: 'failed', attempts: 1, last_status: null });
    expect(received).toEqual([]);
  });

  it('sends each once though two dispatchers look, and gives back what a busy host cannot take', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => due(at('/many'))));
    const all = async (): Promise<boolean> => (await Promise.all(ids.map(row))).every(({ state }) => state === 'delivered');
    await sql`update webhook_deliveries set due_at = clock_timestamp() where state = 'pending'`.execute(database.kysely);
    const hurry = async (): Promise<boolean> => {
      await sql`update webhook_deliveries set due_at = clock_timestamp() where state = 'pending' and due_at < clock_timestamp() + interval '2 seconds'`.execute(database.kysely);
      return all();
    };
    await Promise.all([dispatchUntil(hurry, ['127.0.0.1'], { perHost: 2 }), dispatchUntil(hurry, ['127.0.0.1'], { perHost: 2 })]);
    expect(received).toHaveLength(20);
    expect((await Promise.all(ids.map(row))).map(({ attempts }) => attempts)).toEqual(ids.map(() => 1));
  });
});
