import { EVENT_HEADERS, type Fact } from '@millrace/contracts';
import type { LeaderToken } from '@millrace/job-store';
import type { FactBus, FactHeaders, LoggedEvent, RelayMark } from './ports';
import { Relay } from './relay';

const leader: LeaderToken = { name: 'relay', token: 'token' };

const event = (position: number, type = 'TaskQueued', kind = 'job'): LoggedEvent => ({
  position,
  eventId: `e${position}`,
  stream: 's',
  version: position,
  type,
  at: new Date(0),
  data: { task: 't' },
  meta: { account: 1000, kind, traceparent: 'trace' },
});

/** A stream that refuses what does not follow its end. */
class FakeEvents implements FactBus {
  createdAt = 'first';
  messages: { position: number | undefined; headers: Partial<FactHeaders> }[] = [];
  /** Stored, but the answer is lost. */
  loseAnswerOf: number | undefined;

  async publish(_subject: string, { position }: Fact, headers: Partial<FactHeaders>, lastSequence: number): Promise<{ sequence: number } | false> {
    if (lastSequence !== this.messages.length) return false;
    this.messages.push({ position, headers });
    if (position === this.loseAnswerOf) throw new Error('timeout');
    return { sequence: this.messages.length };
  }

  async tail() {
    return { createdAt: this.createdAt, lastSequence: this.messages.length, headers: this.messages.at(-1)?.headers };
  }

  get positions(): (number | undefined)[] {
    return this.messages.map((message) => message.position);
  }

  get epochs(): string[] {
    return [...new Set(this.messages.flatMap(({ headers }) => headers[EVENT_HEADERS.epoch] ?? []))];
  }
}

describe('Relay', () => {
  let bus: FakeEvents;
  let log: LoggedEvent[];
  let busy: boolean;
  let mark: RelayMark | undefined;
  let onWrite: () => void;
  let epochs: number;

  /** A process of its own over the same log, mark and stream. */
  const relay = (): Relay =>
    new Relay(
      {
        read: async (after, limit) => {
          if (busy) return 'busy';
          const events = log.filter(({ position }) => position > after).slice(0, limit);
          return { events, position: events.at(-1)?.position ?? after };
        },
      },
      bus,
      { read: async () => mark, write: async (next) => (onWrite(), void (mark = next)) },
      () => `epoch-${(epochs += 1)}`,
    );

  beforeEach(() => {
    [bus, log, busy, mark, epochs] = [new FakeEvents(), [1, 2, 5].map((position) => event(position)), false, undefined, 0];
    onWrite = () => undefined;
  });

  it('tells the log in order, once, with position, epoch and trace', async () => {
    const one = relay();
    expect([await one.tick(leader), await one.tick(leader)]).toEqual([3, 0]);
    expect(bus.positions).toEqual([1, 2, 5]);
    expect(bus.messages[2]!.headers).toEqual({ [EVENT_HEADERS.position]: '5', [EVENT_HEADERS.epoch]: 'epoch-1', [EVENT_HEADERS.traceparent]: 'trace' });
    expect(mark).toMatchObject({ position: 5, lastSequence: 3 });
  });

  it('goes on after a publish of unknown outcome: nothing twice, nothing left out', async () => {
    const one = relay();
    bus.loseAnswerOf = 2;
    await expect(one.tick(leader)).rejects.toThrow('timeout');
    one.disturbed();
    await one.tick(leader);
    expect(bus.positions).toEqual([1, 2, 5]);
    expect(bus.epochs).toEqual(['epoch-1']);
  });

  it('a successor goes on after what was told, when the mark was not written', async () => {
    onWrite = () => {
      if (bus.messages.length > 0) throw new Error('crash');
    };
    await expect(relay().tick(leader)).rejects.toThrow('crash');
    onWrite = () => undefined;
    log.push(event(6));
    await relay().tick(leader);
    expect(bus.positions).toEqual([1, 2, 5, 6]);
    expect(bus.epochs).toEqual(['epoch-1']);
  });

  it('begins a new epoch on a stream that was made again', async () => {
    await relay().tick(leader);
    bus = Object.assign(new FakeEvents(), { createdAt: 'second' });
    log.push(event(6));
    await relay().tick(leader);
    expect([bus.positions, bus.epochs]).toEqual([[6], ['epoch-2']]);
  });

  it('begins a new epoch after a message that is not its own', async () => {
    const one = relay();
    await one.tick(leader);
    bus.messages.push({ position: undefined, headers: {} });
    log.push(event(6));
    expect(await one.tick(leader)).toBe(0);
    await one.tick(leader);
    expect([bus.positions, bus.epochs]).toEqual([[1, 2, 5, undefined, 6], ['epoch-1', 'epoch-2']]);
  });

  it('does not tell the job of a standalone task, and comes past it', async () => {
    log = [event(1, 'JobCreated', 'task'), event(2, 'TaskQueued', 'task'), event(3, 'JobFinished', 'task')];
    expect(await relay().tick(leader)).toBe(1);
    expect(bus.positions).toEqual([2]);
    expect(mark).toMatchObject({ position: 3, lastSequence: 1 });
  });

  it('passes on that the log is busy', async () => {
    busy = true;
    expect(await relay().tick(leader)).toBe('busy');
    expect(bus.messages).toEqual([]);
  });
});
