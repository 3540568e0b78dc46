import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Failure, isFailure } from '@millrace/failures';
import { createLogger, currentTrace, newTrace, runWithTrace } from '@millrace/telemetry';
import { startNats, type RunningNats } from '@millrace/testing';
import { connect } from '@nats-io/transport-node';
import { connectBus, type EventBus } from './event-bus';
import type { RequestHandler } from './requests';

const log = createLogger({ service: 'test', level: 'silent' });

describe('requests and notices', () => {
  let dir: string;
  let server: RunningNats;
  let asker: EventBus;
  let answerer: EventBus;

  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'bus-requests-'));
    server = await startNats({ storeDir: dir });
    asker = await connectBus({ url: server.url, name: 'asker', log });
    answerer = await connectBus({ url: server.url, name: 'answerer', log });
  });

  afterAll(async () => {
    await Promise.all([asker.close(), answerer.close()]);
    await server.stop();
    await rm(dir, { recursive: true });
  });

  const answer = async (subject: string, handler: RequestHandler): Promise<void> => {
    answerer.reply(subject, 'q', handler);
    await answerer.flush();
  };

  const failureOfRequest = (subject: string, payload: unknown = null, timeoutMs = 5_000): Promise<Failure> =>
    asker.request(subject, payload, { timeoutMs }).then(
      () => Promise.reject(new Error('the request was answered')),
      (error: unknown) => (isFailure(error) ? error : Promise.reject(error)),
    );

  it('answers with what the handler returns', async () => {
    await answer('sum', async (payload) => (payload as number[]).reduce((a, b) => a + b));
    expect(await asker.request('sum', [1, 2, 3], { timeoutMs: 5_000 })).toBe(6);
  });

  it('throws the failure that the handler threw, and hides any other error', async () => {
    await answer('fails', async (payload) => {
      throw payload === 'typed' ? new Failure('INVALID_DATA', 'No such field', { errors: { field: ['unknown'] } }) : new Error('password=hunter2');
    });
    expect(await failureOfRequest('fails', 'typed')).toMatchObject({ code: 'INVALID_DATA', publicMessage: 'No such field', errors: { field: ['unknown'] } });
    const other = await failureOfRequest('fails', 'other');
    expect(other.code).toBe('INTERNAL_ERROR');
    expect(other.publicMessage).not.toContain('hunter2');
  });

  it('says at once when nobody listens, and later when nobody answers', async () => {
    expect(await failureOfRequest('nobody', null, 600_000)).toMatchObject({ code: 'SERVICE_UNAVAILABLE', publicMessage: 'Nobody answers nobody' });
    const mute = await connect({ servers: server.url });
    mute.subscribe('mute', { callback: () => undefined });
    await mute.flush();
    expect(await failureOfRequest('mute', null, 50)).toMatchObject({ code: 'SERVICE_UNAVAILABLE', publicMessage: 'No answer to mute in time' });
    await mute.close();
  });

  it('answers a request whose body is not JSON with INVALID_DATA', async () => {
    await answer('strict', async () => 'reached');
    const raw = await connect({ servers: server.url });
    const reply = await raw.request('strict', '{"broken', { timeout: 5_000 });
    expect(reply.json()).toEqual({ ok: false, failure: { code: 'INVALID_DATA', message: 'The message is not JSON' } });
    await raw.close();
  });

  it('refuses messages above max_payload, going out and coming back', async () => {
    await answer('huge', async () => 'x'.repeat(2_000_000));
    expect(await failureOfRequest('huge', 'x'.repeat(2_000_000))).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(await failureOfRequest('huge')).toMatchObject({ code: 'INTERNAL_ERROR', publicMessage: 'The answer is too large' });
  });

  it('shares requests within a queue and runs them side by side, 64 at most', async () => {
    let running = 0;
    let most = 0;
    const gate = deferred();
    await answer('busy', async () => {
      most = Math.max(most, (running += 1));
      if (running === 64) gate.resolve();
      await gate.promise;
      running -= 1;
    });
    await Promise.all(Array.from({ length: 200 }, () => asker.request('busy', null, { timeoutMs: 10_000 })));
    expect(most).toBe(64);
  });

  it('ignores a request whose answer would go anywhere but an inbox', async () => {
    let handled = 0;
    await answer('guarded', async () => (handled += 1));
    const heard: unknown[] = [];
    asker.subscribe('victim', (payload) => heard.push(payload));
    await asker.flush();
    const raw = await connect({ servers: server.url });
    raw.publish('guarded', '{}', { reply: 'victim' });
    raw.publish('guarded', '{}', { reply: '$JS.ACK.EVENTS.c.1.1.1.1.0' });
    await raw.flush();
    await asker.request('guarded', null, { timeoutMs: 5_000 });
    expect(handled).toBe(1);
    expect(heard).toEqual([]);
    await raw.close();
  });

  it('carries the trace to the handler and to subscribers', async () => {
    await answer('traced', async () => currentTrace()?.traceId);
    const heard = new Promise((resolve) => answerer.subscribe('noticed', () => resolve(currentTrace()?.traceId)));
    await answerer.flush();
    const trace = newTrace();
    await runWithTrace(trace, async () => {
      expect(await asker.request('traced', null, { timeoutMs: 5_000 })).toBe(trace.traceId);
      asker.publish('noticed', null);
      expect(await heard).toBe(trace.traceId);
    });
  });

  it('hears notices until stopped, and survives a handler that throws', async () => {
    const heard: unknown[] = [];
    const subscription = answerer.subscribe('notice.*', (payload, { subject }) => {
      heard.push([subject, payload]);
      if (payload === 1) throw new Error('first');
    });
    await answer('barrier', async () => null);
    const barrier = (): Promise<unknown> => asker.request('barrier', null, { timeoutMs: 5_000 });
    await barrier();
    asker.publish('notice.a', 1);
    asker.publish('notice.b', 2);
    await barrier();
    subscription.stop();
    await barrier();
    asker.publish('notice.c', 3);
    await barrier();
    expect(heard).toEqual([['notice.a', 1], ['notice.b', 2]]);
  });

  it('finishes running handlers before it closes', async () => {
    const third = await connectBus({ url: server.url, name: 'third', log });
    const entered = deferred();
    const release = deferred();
    third.reply('slow', undefined, async () => {
      entered.resolve();
      await release.promise;
      return 'finished';
    });
    await third.flush();
    const pending = asker.request('slow', null, { timeoutMs: 10_000 });
    await entered.promise;
    const closed = third.close();
    release.resolve();
    expect(await pending).toBe('finished');
    await closed;
    expect(third.connected).toBe(false);
  });
});

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
