import { setTimeout as pause } from 'node:timers/promises';
import { EVENT_HEADERS, type Fact } from '@millrace/contracts';
import { connectBus, type EventBus, inboxPrefix } from '@millrace/event-bus';
import { createLogger } from '@millrace/telemetry';
import { type Stack, startStack } from '../testing/stack';
import { checkInvariants, withDatabase } from './invariants';
import { noop, twoStep } from './jobs';

jest.setTimeout(150_000);

const KILLS = 10;
const BETWEEN_KILLS_MS = 2_000;

interface Seen {
  readonly epoch: string;
  readonly position: number;
  readonly sequence: number;
}

describe('a consumer of EVENTS', () => {
  let stack: Stack;
  let bus: EventBus;

  beforeAll(async () => {
    stack = await startStack({ scale: 'all=2' });
    bus = await connectBus({
      url: `nats://${new URL(stack.at.nats.url).host}`,
      user: 'consumer',
      password: stack.natsPassword('consumer'),
      name: 'consumer',
      inboxPrefix: inboxPrefix('consumer'),
      log: createLogger({ service: 'consumer', level: 'silent' }),
    });
    await bus.ensureConsumer('EVENTS', { durable: 'consumer' });
  }, 120_000);

  afterAll(async () => {
    await bus.close();
    await stack.stop();
  }, 120_000);

  /** Reads until `over`. */
  const read = async (seen: Seen[], over: () => Promise<boolean>): Promise<void> => {
    while (!(await over())) {
      for (const message of await bus.pull('EVENTS', 'consumer', { batch: 100, expiresMs: 1_000 })) {
        const position = Number(message.headers[EVENT_HEADERS.position]);
        expect((message.payload as Fact).position).toBe(position);
        // Delivered again because an acknowledgement was lost, not told again.
        if (!seen.some(({ sequence }) => sequence === message.seq)) seen.push({ epoch: message.headers[EVENT_HEADERS.epoch]!, position, sequence: message.seq });
        await message.ack();
      }
    }
  };

  it('sees every position in order, none twice, across ten kills of the relay', async () => {
    const acknowledged: string[] = [];
    let [loading, ended] = [true, false];
    const seen: Seen[] = [];
    const lastPosition = (): Promise<number> => withDatabase(stack, async (client) => Number((await client.query<{ max: string }>('select max(position) from job_events')).rows[0]!.max));
    const reading = read(seen, async () => ended && (seen[seen.length - 1]?.position ?? 0) >= (await lastPosition()));
    const customer = (async () => {
      for (let made = 0; loading; made += 1) {
        acknowledged.push(await stack.api.createJob(made % 2 ? noop() : twoStep()));
        await pause(50);
      }
    })();
    for (let kill = 0; kill < KILLS; kill += 1) {
      await pause(BETWEEN_KILLS_MS);
      // The one that leads, so that each kill hits a relay at work.
      const holder = await withDatabase(stack, async (client) => (await client.query<{ holder: string }>(`select holder from leaders where name = 'relay'`)).rows[0]?.holder);
      const index = [0, 1].find((each) => holder?.endsWith(`-${stack.pidOf('job-orchestrator', each)}`)) ?? kill % 2;
      stack.kill('job-orchestrator', index);
    }
    loading = false;
    await customer;
    for (const job of acknowledged) expect((await stack.api.wait(job)).status).toBe('finished');
    ended = true;
    await reading;
    const told = await withDatabase(stack, async (client) => (await client.query<{ position: string }>('select position from job_events order by position')).rows.map(({ position }) => Number(position)));
    expect(seen.map(({ position }) => position)).toEqual(told);
    expect(new Set(seen.map(({ epoch }) => epoch)).size).toBe(1);
    expect(await checkInvariants(stack, acknowledged)).toEqual([]);
  });
});
