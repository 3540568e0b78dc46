import type { LeaderToken } from '@millrace/job-store';
import { LeaderLoop } from './leader-loop';
import { settled, VirtualClock } from '@millrace/testing';

describe('LeaderLoop', () => {
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  let clock: VirtualClock;
  let stop: AbortController;
  let held: LeaderToken | undefined;
  let events: string[];
  let round: () => Promise<boolean>;
  let loop: LeaderLoop;
  let over: Promise<void>;

  const count = (event: string): number => events.filter((other) => other === event).length;

  beforeEach(async () => {
    [clock, stop, events] = [new VirtualClock(), new AbortController(), []];
    held = { name: 'role', token: 'one' };
    round = async () => false;
    const role = { name: 'role', idleMs: 200, round: async () => (events.push('round'), round()), disturbed: () => void events.push('disturbed') };
    const leadership = { lead: async () => (events.push('lead'), held), resign: async ({ token }: LeaderToken) => void events.push(`resign ${token}`) };
    loop = new LeaderLoop(role, leadership, 'me', clock, log);
    over = loop.run(stop.signal);
    await settled();
  });

  afterEach(async () => {
    stop.abort();
    await over;
  });

  it('starts afresh when it takes the lead, then renews it every 2 s', async () => {
    expect(events).toEqual(['lead', 'disturbed', 'round']);
    await clock.advance(6_100);
    expect([count('lead'), count('disturbed')]).toEqual([4, 1]);
  });

  it('works no more once the lead is lost, looks each second whatever the hints, and starts afresh with a new token', async () => {
    held = undefined;
    await clock.advance(2_000);
    events.length = 0;
    for (let hints = 0; hints < 10; hints += 1) {
      loop.wake();
      await settled();
    }
    await clock.advance(2_000);
    expect([count('round'), count('lead')]).toEqual([0, 2]);
    held = { name: 'role', token: 'two' };
    await clock.advance(1_000);
    expect(events).toEqual(['lead', 'lead', 'lead', 'disturbed', 'round']);
  });

  it('a hint cuts the pause short, also one that comes during a round', async () => {
    loop.wake();
    await settled();
    expect(count('round')).toBe(2);
    round = async () => {
      if (count('round') === 3) loop.wake();
      return false;
    };
    loop.wake();
    await settled();
    expect(count('round')).toBe(4);
  });

  it('after a round that failed it asks for the lead again', async () => {
    round = async () => {
      throw new Error('away');
    };
    await clock.advance(200);
    round = async () => false;
    events.length = 0;
    await clock.advance(500);
    expect(events.slice(0, 3)).toEqual(['lead', 'disturbed', 'round']);
  });

  it('resigns at its end', async () => {
    stop.abort();
    await over;
    expect(events.at(-1)).toBe('resign one');
  });
});
