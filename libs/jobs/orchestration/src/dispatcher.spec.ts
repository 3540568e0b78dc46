import type { Invitation, Lane } from '@millrace/contracts';
import type { LeaderToken, QueuedTask } from '@millrace/job-store';
import { Dispatcher } from './dispatcher';

describe('Dispatcher', () => {
  const lane: Lane = { region: 'local', engine: 'fault', version: 'any' };
  const leader = { name: 'dispatcher', token: 'token' } as unknown as LeaderToken;

  /** Tasks that were invited so many ms ago; undefined was never. */
  const world = (invited: (number | undefined)[], { free = 10, pending = 0 } = {}) => {
    const sent: unknown[] = [];
    const due = (againMs: number): QueuedTask[] =>
      invited.flatMap((age, index) => (age === undefined || age > againMs ? [{ stream: 's', task: String(index), step: 0, attempt: 1, engine: 'fault', losses: 0, trace: null } as unknown as QueuedTask] : []));
    const dispatcher = new Dispatcher(
      {
        waitingLanes: async (againMs) => (due(againMs).length > 0 ? [lane] : []),
        waitingTasks: async (_, limit, againMs) => due(againMs).slice(0, limit),
        freeSlots: async () => free,
        markInvited: async () => undefined,
      },
      { connected: true, ensureLane: async () => undefined, depth: async () => ({ pending, ackPending: 0 }), invite: async (_, { task }) => void sent.push(task) },
    );
    return { dispatcher, sent };
  };

  it('invites again what is queued 30 s after its invitation', async () => {
    const { dispatcher, sent } = world([undefined, 29_000, 31_000]);
    await dispatcher.tick(leader);
    expect(sent).toEqual(['0', '2']);
  });

  it('after the store was lost, invites again what was invited before that, and nothing twice', async () => {
    const { dispatcher, sent } = world([undefined, 1_000, 5_000, 31_000]);
    await dispatcher.tick(leader, 2_000);
    expect(sent).toEqual(['0', '2', '3']);
  });

  it('keeps to its window', async () => {
    const { dispatcher, sent } = world(Array(20).fill(undefined), { free: 3, pending: 2 });
    expect(await dispatcher.tick(leader)).toBe(3);
    expect(sent).toHaveLength(3);
  });

  /** What it sends for tasks of these losses, and in what order; `fails` breaks the bus at the second invitation. */
  const sentFor = async (losses: number[], { connected = true, fails = false } = {}): Promise<{ events: string[]; sent: Invitation[] }> => {
    const [events, sent]: [string[], Invitation[]] = [[], []];
    const tasks = losses.map((lost, index): QueuedTask => ({ stream: 's', task: String(index), step: 0, attempt: 1, engine: 'fault', losses: lost, trace: 'trace' }));
    const dispatcher = new Dispatcher(
      { waitingLanes: async () => [lane], waitingTasks: async () => tasks, freeSlots: async () => 9, markInvited: async () => void events.push('mark') },
      {
        connected,
        ensureLane: async () => undefined,
        depth: async () => ({ pending: 0, ackPending: 0 }),
        invite: async (_, invitation) => {
          if (fails && sent.length > 0) throw new Error('away');
          events.push('invite');
          sent.push(invitation);
        },
      },
    );
    await dispatcher.tick(leader).catch(() => events.push('failed'));
    return { events, sent };
  };

  it('marks only what was published', async () => {
    expect((await sentFor([0, 0])).events).toEqual(['invite', 'invite', 'mark']);
    expect((await sentFor([0, 0], { fails: true })).events).toEqual(['invite', 'failed']);
  });

  it('does nothing while the bus is away', async () => {
    expect((await sentFor([0], { connected: false })).events).toEqual([]);
  });

  it('invites from the second loss on to run alone, and hands the trace on', async () => {
    const { sent } = await sentFor([0, 1, 2, 3]);
    expect(sent.map(({ alone }) => alone)).toEqual([false, false, true, true]);
    expect(sent[0]!.traceparent).toBe('trace');
  });
});
