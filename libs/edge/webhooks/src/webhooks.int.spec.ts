import { createHmac, randomUUID } from 'node:crypto';
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
import { ownAddresses } from './own-addresses';
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
let account: number;
let secret: string;

const log = createLogger({ service: 'test', level: 'silent' });

beforeAll(async () => {
  test = await createTestDatabase();
  database = createDatabase({ url: test.url, applicationName: 'test' });
  ({ id: account, webhook_secret: secret } = await newAccount('owner'));
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const path = request.url!;
      received.push({ path, body, headers: request.headers });
      if (path.startsWith('/silent')) return;
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

const newAccount = async (name: string): Promise<{ id: number; webhook_secret: string }> =>
  (await sql<{ id: number; webhook_secret: string }>`insert into accounts (username, email) values (${name}, ${`${name}@millrace.test`}) returning id, webhook_secret`.execute(database.kysely)).rows[0]!;

async function due(url: string, { body = '{"event":"job.finished"}', owner = account } = {}): Promise<string> {
  const id = randomUUID();
  await sql`insert into webhook_deliveries (id, stream, account, event, url, body) values (${id}, ${randomUUID()}, ${owner}, 'job.finished', ${url}, ${body})`.execute(database.kysely);
  return id;
}

const row = async (id: string): Promise<{ state: string; attempts: number; last_status: number | null }> =>
  (await sql<{ state: string; attempts: number; last_status: number | null }>`select state, attempts, last_status from webhook_deliveries where id = ${id}`.execute(database.kysely)).rows[0]!;

/** Runs a dispatcher until `done` holds. */
async function dispatchUntil(done: () => Promise<boolean>, allow = ['127.0.0.1'], settings: { perHost?: number; deny?: string[] } = {}): Promise<void> {
  const safeFetch = createSafeFetch({ allow, deny: settings.deny ?? [] });
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
  it('posts the exact body of the row, signed with the secret of its account', async () => {
    const body = '{"event":"job.finished","job":{"id":"ü","url":"http:\\/\\/x"}}';
    const id = await due(at('/ok'), { body });
    await dispatchUntil(ended(id));
    expect(await row(id)).toEqual({ state: 'delivered', attempts: 1, last_status: 200 });
    expect(received).toMatchObject([{ path: '/ok', body, headers: { 'content-type': 'application/json', 'cloudconvert-signature': createHmac('sha256', secret).update(body).digest('hex') } }]);
  });

  it('knows an account by its own secret, and sends nothing unsigned', async () => {
    const other = await newAccount('other');
    const ids = [await due(at('/other'), { owner: other.id }), await due(at('/orphan'), { owner: 999_999 })];
    await dispatchUntil(async () => (await Promise.all(ids.map(row))).every(({ state }) => state !== 'pending'));
    expect(await row(ids[1]!)).toEqual({ state: 'failed', attempts: 1, last_status: null });
    const signature = createHmac('sha256', other.webhook_secret).update(received[0]!.body).digest('hex');
    expect(received).toMatchObject([{ path: '/other', headers: { 'cloudconvert-signature': signature } }]);
    expect([secret, other.webhook_secret]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.not.stringMatching(secret)]);
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
    expect(received.map(({ headers }) => headers['millrace-delivery'])).toEqual([...Array.from({ length: 4 }, () => id), soon, soon]);
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

  it('never tells the installation itself, allowed or not', async () => {
    const id = await due(at('/self'));
    await dispatchUntil(ended(id), ['127.0.0.1'], { deny: ownAddresses(`${at('')}/v2`) });
    expect(await row(id)).toEqual({ state: 'failed', attempts: 1, last_status: null });
    expect(received).toEqual([]);
  });

  it('a thousand deliveries to a receiver that is silent hold up nobody else', async () => {
    await sql`
      insert into webhook_deliveries (id, stream, account, event, url, body, due_at)
      select gen_random_uuid(), gen_random_uuid(), ${account}, 'job.finished', ${at('/silent')}, '{}', clock_timestamp() - interval '1 minute' from generate_series(1, 1000)`.execute(database.kysely);
    const other = await newAccount('brisk');
    const id = await due(at('/brisk').replace('127.0.0.1', 'localhost'), { owner: other.id });
    await dispatchUntil(async () => ((await row(id)).state === 'pending' ? false : (server.closeAllConnections(), true)), ['127.0.0.1', 'localhost']);
    expect(await row(id)).toMatchObject({ state: 'delivered' });
    expect(received.filter(({ path }) => path === '/silent')).toHaveLength(8);
    await sql`delete from webhook_deliveries where url = ${at('/silent')}`.execute(database.kysely);
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
