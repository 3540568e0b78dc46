import { PLANTED, type PlantedFault } from './faults';
import { simulate } from './scenario';

const SEEDS = 2_000;

it(`keeps every rule over ${SEEDS} seeds`, async () => {
  const broken: string[] = [];
  let events = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { violation, events: told } = await simulate(seed);
    events += told;
    if (violation) broken.push(`seed ${seed}: ${violation.message}`);
  }
  expect(broken).toEqual([]);
  // The runs did something: jobs were made and ended under faults.
  expect(events).toBeGreaterThan(SEEDS * 20);
}, 600_000);

it('replays a seed to the letter', async () => {
  const first = await simulate(42, { trace: true });
  expect(first.trace.some((line) => line.includes('crash'))).toBe(true);
  expect(await simulate(42, { trace: true })).toEqual(first);
});

describe('finds a planted fault', () => {
  /** So many seeds are enough for each; most are found within ten. */
  const ENOUGH = 600;

  it.each(Object.entries(PLANTED) as [PlantedFault, string][])('%s: %s', async (fault) => {
    for (let seed = 1; seed <= ENOUGH; seed += 1) {
      if ((await simulate(seed, { fault })).violation) return;
    }
    throw new Error(`${ENOUGH} seeds did not find it`);
  }, 120_000);
});
