import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from '../e2e/client';
import { type Stack, startStack } from '../testing/stack';
import { type Bench, type Row, timed } from './bench';
import { figure, table, type Figure } from './figure';
import { memory } from './idle';
import { image } from './image';
import { accept, latency, throughput } from './noop';
import { batch, warm } from './office';
import { transcode } from './transcode';

/** In the order of the table; `start` and `memory` come with the stack itself. */
const ROWS: Readonly<Record<string, Row>> = { latency, throughput, accept, warm, batch, image, transcode };
const NAMES = ['start', 'memory', ...Object.keys(ROWS)];
const USAGE = `Usage: npm run bench [-- --json FILE] [--only NAME] [--quick]

Starts a stack of its own in a folder of its own and measures it beside its yardsticks.

  --json FILE   writes [{name, value, unit, yardstick, ratio, aim, met}]
  --only NAME   one row: ${NAMES.join(', ')}
  --quick       small counts: shows that it works, not how fast
  --help        this text`;

/** The clocks of production, and the engine that does nothing. */
const ENV = { FAULT_ENGINE: 'on', LEASE: '20s', BEAT: '5s', SETTLE: '25s', LOG_LEVEL: 'warn' };

/** A stack that was installed before, and how long its start took, ms. */
async function installed(dataDir: string): Promise<{ stack: Stack; ms: number }> {
  await (await startStack({ env: ENV, dataDir })).stop();
  let stack!: Stack;
  const ms = await timed(async () => (stack = await startStack({ env: ENV, dataDir })));
  return { stack, ms };
}

async function measure(only: string | undefined, quick: boolean, folder: string): Promise<Figure[]> {
  const wanted = (name: string) => only === undefined || only === name;
  const note = (text: string) => console.error(`${text}\n`);
  const dataDir = mkdtempSync(path.join(folder, 'stack-'));
  chmodSync(dataDir, 0o711);
  const { stack, ms } = await installed(dataDir);
  try {
    const figures: Figure[] = [];
    if (wanted('start')) figures.push(figure('installed stack, start until healthy', ms / 1000, 's', '<= 15 s', (value) => value <= 15));
    if (wanted('memory')) figures.push(await memory(stack, note));
    const bench: Bench = { stack, client: Client.of(stack), folder, quick, note };
    for (const [name, row] of Object.entries(ROWS).filter(([key]) => wanted(key))) {
      note(`measuring ${name} (load ${loadavg()[0]!.toFixed(1)} on ${cpus().length} processors)`);
      try {
        figures.push(...(await row(bench)));
      } catch (error) {
        // The other rows are still worth having; the exit code tells.
        console.error(`${name} could not be measured:`, error);
        process.exitCode = 1;
      }
    }
    return figures;
  } finally {
    await stack.stop();
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { json: { type: 'string' }, only: { type: 'string' }, quick: { type: 'boolean', default: false }, help: { type: 'boolean' } } });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (values.only !== undefined && !NAMES.includes(values.only)) throw new Error(`--only: valid values are ${NAMES.join(', ')}`);
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-bench-'));
  chmodSync(folder, 0o711);
  try {
    const figures = await measure(values.only, values.quick, folder);
    console.log(table(figures));
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
    return Number(process.exitCode ?? 0);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(2);
  },
);
