import { Failure } from '@millrace/failures';
import { deadLetterHeaders } from './dead-letter';
import { retryDelayMs, settlementOf } from './settlement';

describe('settlement', () => {
  it('waits longer each time, up to half a minute', () => {
    const delays = [1, 2, 3, 8, 50, 10_000].map((delivery) => retryDelayMs(delivery, 0));
    expect(delays).toEqual([250, 500, 1000, 30_000, 30_000, 30_000]);
    expect(retryDelayMs(1, 0.999)).toBeGreaterThanOrEqual(187);
  });

  it.each([
    ['SERVICE_UNAVAILABLE', 1, undefined, 'nak'],
    ['SERVICE_UNAVAILABLE', 1_000, undefined, 'nak'],
    ['ENGINE_CRASHED', 1, 3, 'nak'],
    ['ENGINE_CRASHED', 3, 3, 'dead'],
    ['INVALID_INPUT', 1, undefined, 'dead'],
    ['LIMIT_EXCEEDED', 1, undefined, 'dead'],
    ['CONFLICT', 1, undefined, 'dead'],
  ] as const)('%s at delivery %i of %p: %s', (code, delivery, max, kind) => {
    expect(settlementOf(new Failure(code, 'x'), delivery, max).kind).toBe(kind);
  });

  it('never copies a header that instructs the server', () => {
    const headers = { 'Nats-Msg-Id': '1', 'nats-expected-last-sequence': '2', 'Nats-TTL': '3', traceparent: 't' };
    const copied = deadLetterHeaders({ subject: 's', stream: 'EVENTS', seq: 1, deliveryCount: 1, headers }, new Failure('INVALID_DATA', 'x'));
    expect(Object.keys(copied).filter((name) => /^nats-/i.test(name))).toEqual([]);
    expect(copied['traceparent']).toBe('t');
  });
});
