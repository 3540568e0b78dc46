import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SUBJECTS } from '@millrace/contracts';
import { allStreams, connectBus, type EventBus, laneConsumer } from '@millrace/event-bus';
import { Failure } from '@millrace/failures';
import { createLogger } from '@millrace/telemetry';
import { type RunningNats, startNats } from '@millrace/testing';
import { JetStreamWorkBus } from './jetstream-work-bus';

describe('JetStreamWorkBus', () => {
  const log = createLogger({ service: 'test', level: 'silent' });
  const beat = { stream: randomUUID(), task: randomUUID(), run: randomUUID() };
  let dir: string;
  let server: RunningNats;
  let bus: EventBus;
  let replies: { stop(): Promise<void> }[];

  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'work-bus-'));
    server = await startNats({ storeDir: dir });
    bus = await connectBus({ url: server.url, name: 'work-bus', log });
  });

  afterAll(async () => {
    await bus.close();
    await server.stop();
    await rm(dir, { recursive: true });
  });

  beforeEach(() => {
    replies = [];
  });

  afterEach(() => Promise.all(replies.map((reply) => reply.stop())));

  it('asks everyone when the one that was asked stays silent, as a frozen one does', async () => {
    let wake = (): void => undefined;
    const silence = new Promise<void>((resolve) => (wake = resolve));
    replies.push(bus.reply(SUBJECTS.beat, 'orchestrator', () => silence), bus.reply(SUBJECTS.again(SUBJECTS.beat), undefined, async () => ({ verdict: 'continue' })));
    await bus.flush();
    expect(await new JetStreamWorkBus(bus).beat(beat)).toEqual({ verdict: 'continue' });
    wake();
  });

  it('takes a refusal for an answer', async () => {
    let again = 0;
    const refuse = async (): Promise<never> => {
      throw new Failure('SERVICE_UNAVAILABLE', 'Postgres is away');
    };
    replies.push(
      bus.reply(SUBJECTS.beat, 'orchestrator', refuse),
      bus.reply(SUBJECTS.again(SUBJECTS.beat), undefined, async () => (again += 1)),
    );
    await bus.flush();
    await expect(new JetStreamWorkBus(bus).beat(beat)).rejects.toMatchObject({ publicMessage: 'Postgres is away' });
    expect(again).toBe(0);
  });

  it('finds no invitation on a lane that is not there, and serves it once it is', async () => {
    const lane = { region: 'local', engine: 'late', version: 'any' };
    const work = new JetStreamWorkBus(bus);
    const signal = new AbortController().signal;
    await bus.ensureStreams(allStreams());
    expect(await work.pull(lane, 1, 20_000, signal)).toEqual([]);
    await bus.ensureConsumer('WORK', laneConsumer(lane));
    const invitation = { stream: randomUUID(), task: randomUUID(), step: 0, attempt: 1, losses: 0, engine: 'late', alone: false };
    const pulling = work.pull(lane, 1, 20_000, signal);
    await bus.publishToStream(SUBJECTS.work(lane), { no: 'invitation' }, { stream: 'WORK' });
    expect(await pulling).toEqual([]);
    await bus.publishToStream(SUBJECTS.work(lane), invitation, { stream: 'WORK' });
    const [pulled] = await work.pull(lane, 1, 20_000, signal);
    expect(pulled!.invitation).toEqual(invitation);
    await pulled!.ack();
  });
});
