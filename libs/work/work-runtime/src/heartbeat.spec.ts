import { Heartbeat } from './heartbeat';
import { FakeBus, SILENT } from './testing/fakes';
import { VirtualClock } from '@millrace/testing';

describe('Heartbeat', () => {
  const run = { stream: 's', task: 't', run: 'r' };
  let bus: FakeBus;
  let clock: VirtualClock;
  let end: AbortController;
  let stops: number;
  let heartbeat: Heartbeat;
  let over: Promise<void>;

  beforeEach(() => {
    [bus, clock, end, stops] = [new FakeBus(), new VirtualClock(), new AbortController(), 0];
    heartbeat = new Heartbeat(run, bus, clock, SILENT);
    over = heartbeat.beat(end.signal, () => (stops += 1));
  });

  it('beats every 5 s, with the percent of that moment', async () => {
    await clock.advance(5_000);
    heartbeat.progress(41.6);
    await clock.advance(5_000);
    heartbeat.progress(250);
    await clock.advance(9_999);
    expect(bus.beats).toEqual([run, { ...run, percent: 42 }, { ...run, percent: 100 }]);
    end.abort();
    await over;
  });

  it('beats again 1 s after a beat that was not answered, and takes no answer for no verdict', async () => {
    bus.onBeat = async () => {
      throw new Error('nobody there');
    };
    await clock.advance(7_000);
    expect(bus.beats).toHaveLength(3);
    bus.onBeat = async () => ({ verdict: 'continue' });
    await clock.advance(1_000);
    await clock.advance(4_999);
    expect([bus.beats.length, stops]).toEqual([4, 0]);
    end.abort();
    await over;
  });

  it('says stop once, and beats no more', async () => {
    bus.onBeat = async () => ({ verdict: 'stop' });
    await clock.advance(60_000);
    await over;
    expect([bus.beats.length, stops]).toEqual([1, 1]);
  });
});
