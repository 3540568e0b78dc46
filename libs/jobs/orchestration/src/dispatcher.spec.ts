import type { Lane } from '@millrace/contracts';
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
});
