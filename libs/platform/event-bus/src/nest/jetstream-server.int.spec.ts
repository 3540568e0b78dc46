import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Controller, Module, type INestMicroservice, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { Failure } from '@millrace/failures';
import { createLogger } from '@millrace/telemetry';
import { startNats, type RunningNats } from '@millrace/testing';
import { of } from 'rxjs';
import { connectBus, type EventBus } from '../event-bus';
import { allStreams } from '../streams';
import { BusContext } from './bus-context';
import { JetStreamServer } from './jetstream-server';
import { PassThroughRpcFilter } from './pass-through.filter';

const log = createLogger({ service: 'test', level: 'silent' });

const deliveries: { payload: unknown; delivery: number }[] = [];
let onDelivery = (): void => undefined;
/** Resolves when `count` deliveries of `payload` were seen. */
const delivered = (payload: string, count: number): Promise<void> =>
  new Promise((resolve) => {
    onDelivery = () => {
      if (deliveries.filter((one) => one.payload === payload).length >= count) resolve();
    };
    onDelivery();
  });

@Controller()
class Handlers {
  @MessagePattern('task.claim.*', { queue: 'orchestrator' })
  claim(@Payload() payload: { fail?: string }, @Ctx() context: BusContext): unknown {
    if (payload.fail === 'typed') throw new Failure('GONE', 'No such run');
    if (payload.fail === 'untyped') throw new Error('password=hunter2');
    return { subject: context.subject, at: context.headers['x-at'] };
  }

  @MessagePattern('observable')
  observable(): unknown {
    return of('first', 'last');
  }

  @EventPattern('events.>', { durable: 'nest', concurrency: 2 })
  async event(@Payload() payload: string, @Ctx() { message }: BusContext): Promise<void> {
    deliveries.push({ payload, delivery: message!.deliveryCount });
    onDelivery();
    if (payload === 'retry' && !message!.redelivered) throw new Failure('SERVICE_UNAVAILABLE', 'Not now');
    if (payload === 'bad') throw new Failure('INVALID_DATA', 'Never');
  }
}

@Module({ controllers: [Handlers] })
class App {}

@Controller()
class Doubles {
  @EventPattern('events.>', { durable: 'a' })
  one(): void {
    return;
  }

  @EventPattern('events.>', { durable: 'b' })
  two(): void {
    return;
  }
}

@Module({ controllers: [Doubles] })
class DoubleApp {}

@Controller()
class Nameless {
  @EventPattern('events.>')
  one(): void {
    return;
  }
}

@Module({ controllers: [Nameless] })
class NamelessApp {}

describe('JetStreamServer', () => {
  let dir: string;
  let server: RunningNats;
  let bus: EventBus;
  let app: INestMicroservice;

  const start = (module: Type<unknown>): Promise<INestMicroservice> =>
    NestFactory.createMicroservice(module, { strategy: new JetStreamServer(bus), logger: false, abortOnError: false });

  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'bus-nest-'));
    server = await startNats({ storeDir: dir });
    bus = await connectBus({ url: server.url, name: 'nest', log });
    await bus.ensureStreams(allStreams());
    await bus.ensureConsumer('EVENTS', { durable: 'nest', ackWaitMs: 60_000 });
    await bus.ensureConsumer('DLQ', { durable: 'dead' });
    app = await start(App);
    app.useGlobalFilters(new PassThroughRpcFilter());
    await app.listen();
    await bus.flush();
  });

  afterAll(async () => {
    await app.close();
    await bus.close();
    await server.stop();
    await rm(dir, { recursive: true });
  });

  it('answers message patterns, with subject and headers', async () => {
    expect(await bus.request('task.claim.sharp', {}, { timeoutMs: 5_000, headers: { 'x-at': 'now' } })).toEqual({ subject: 'task.claim.sharp', at: 'now' });
    expect(await bus.request('observable', {}, { timeoutMs: 5_000 })).toBe('last');
  });

  it('hands failures through by type', async () => {
    await expect(bus.request('task.claim.sharp', { fail: 'typed' }, { timeoutMs: 5_000 })).rejects.toMatchObject({ code: 'GONE', publicMessage: 'No such run' });
    await expect(bus.request('task.claim.sharp', { fail: 'untyped' }, { timeoutMs: 5_000 })).rejects.toMatchObject({ code: 'INTERNAL_ERROR', publicMessage: 'Server Error' });
  });

  it('settles by the class of the failure: ack, again, dead letter', async () => {
    for (const payload of ['good', 'retry', 'bad']) await bus.publishToStream('events.x.1.j', payload);
    await delivered('retry', 2);
    const [dead] = await bus.pull('DLQ', 'dead', { batch: 1, expiresMs: 10_000 });
    expect(dead).toMatchObject({ subject: 'dlq.nest', payload: 'bad' });
    expect(deliveries.filter(({ payload }) => payload === 'retry').map(({ delivery }) => delivery)).toEqual([1, 2]);
    expect(deliveries.filter(({ payload }) => payload !== 'retry')).toHaveLength(2);
    await app.close();
    expect(await bus.consumerDepth('EVENTS', 'nest')).toEqual({ pending: 0, ackPending: 0 });
  });

  it.each([
    ['a second handler of a subject', DoubleApp, 'Two handlers for events.>'],
    ['an event handler without a durable', NamelessApp, 'names no durable'],
  ])('refuses %s at the start', async (_, module, text) => {
    const starting = start(module).then((broken) => broken.listen());
    await expect(starting).rejects.toThrow(text);
  });
});
