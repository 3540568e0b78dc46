import { parseArgs } from 'node:util';
import { PLANTED, type PlantedFault } from './faults';
import { simulate } from './scenario';

const USAGE = `Usage: npm run simulate -- [--seeds N] [--from S] [--fault NAME] [--verbose] [--seed S]

Runs the shipped orchestration and work runtime over in-memory Postgres and NATS in virtual time, under random faults.

  --seeds N     how many seeds to run (default 2000)
  --from S      the first seed (default 1)
  --seed S      runs one seed and prints all that happened
  --fault NAME  plants a fault that must be found: ${Object.keys(PLANTED).join(', ')}
  --verbose     a line for each seed
  --help        this text`;

function whole(name: string, text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${name}: a whole number from 0 up, not ${text}`);
  return value;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { seeds: { type: 'string' }, from: { type: 'string' }, seed: { type: 'string' }, fault: { type: 'string' }, verbose: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (values.fault !== undefined && !(values.fault in PLANTED)) throw new Error(`--fault: valid values are ${Object.keys(PLANTED).join(', ')}`);
  const fault = values.fault as PlantedFault | undefined;
  if (values.seed !== undefined) return replay(whole('seed', values.seed, 0), fault);
  const [seeds, from] = [whole('seeds', values.seeds, 2_000), whole('from', values.from, 1)];
  const started = Date.now();
  let [steps, events] = [0, 0];
  for (let seed = from; seed < from + seeds; seed += 1) {
    const outcome = await simulate(seed, { fault });
    steps += outcome.steps;
    if (values.verbose) console.log(`seed ${seed}: ${outcome.events} events, ${outcome.steps} steps, ${(outcome.took / 1000).toFixed(0)} s of virtual time`);
    events += outcome.events;
    if (outcome.violation) {
      console.log(`seed ${seed} breaks a rule after ${seed - from + 1} seeds`);
      return replay(seed, fault);
    }
    if ((seed - from + 1) % 500 === 0) console.log(`${seed - from + 1} seeds, ${rate(seed - from + 1, started)} a second`);
  }
  console.log(`${seeds} seeds kept every rule: ${events} events in ${steps} steps, ${rate(seeds, started)} seeds a second`);
  return 0;
}

const rate = (count: number, started: number): string => (count / Math.max(0.001, (Date.now() - started) / 1000)).toFixed(1);

async function replay(seed: number, fault: PlantedFault | undefined): Promise<number> {
  const { trace, violation, took } = await simulate(seed, { fault, trace: true });
  console.log(trace.join('\n'));
  console.log(violation ? `seed ${seed}: ${violation.message}` : `seed ${seed} keeps every rule, ${(took / 1000).toFixed(0)} s of virtual time`);
  return violation ? 1 : 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  },
);
