import { PLANTED, type PlantedFault } from './faults';
import { simulate } from './scenario';

const SEEDS = 2_000;
/** Each planted fault shows within so many seeds. */
const BOUND = 800;

async function firstBroken(fault: PlantedFault): Promise<string | undefined> {
  for (let seed = 1; seed <= BOUND; seed += 1) {
    const { violation } = await simulate(seed, { fault });
    if (violation) return violation.rule;
  }
  return undefined;
}

/** The rules of which one shows the fault, whichever seed is the first. */
const SHOWN_BY: Record<PlantedFault, readonly string[]> = {
  'no-run-check': ['only the current run reports'],
  'ack-before-claim': ['an invitation is acked after its claim was answered'],
  'no-input-id': ['every command is idempotent', 'a report that is in the log is confirmed'],
  'lease-judged-disconnected': ['our own outage ends no attempt'],
  'invitation-with-message-id': ['no queued task is forgotten'],
  'timers-apart': ['timers change with the log'],
  'no-leader-check': ['facts are told in order, none twice'],
  'claim-given-up': ['our own outage ends no attempt'],
};

describe('the simulation', () => {
  it(`keeps every rule in ${SEEDS} seeds`, async () => {
    let events = 0;
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const outcome = await simulate(seed);
      if (outcome.violation) throw new Error(`npm run simulate -- --seed ${seed}: ${outcome.violation.message}`);
      events += outcome.events;
    }
    expect(events).toBeGreaterThan(SEEDS * 20);
  }, 300_000);

  it('does the same for the same seed', async () => {
    for (const seed of [3, 14, 159]) {
      const [first, second] = [await simulate(seed, { trace: true }), await simulate(seed, { trace: true })];
      expect(second).toEqual(first);
      expect(first.trace.length).toBeGreaterThan(10);
    }
  });

  it.each(Object.keys(PLANTED) as PlantedFault[])(`finds the planted fault %s within ${BOUND} seeds`, async (fault) => {
    expect(SHOWN_BY[fault]).toContain(await firstBroken(fault));
  }, 120_000);
});
