import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createCatalog } from '@millrace/catalog';
import type { Engine } from '@millrace/engine-kit';
import { createLogger } from '@millrace/telemetry';
import { enginesOfPool } from '@millrace/work-runtime';
import { formatsPage } from './formats-page';
import { Samples, tryAll, type Tried } from './matrix';
import { legsOf, routesOf } from './routes';
import { readSeen, type Seen, seenIn, writeSeen } from './seen';

const USAGE = `Usage: npm run matrix [-- --engine <name> ...] [--from <format>] [--to <format>] [--dry-run]

Does every conversion that an engine declares, from a sample, opens each result again, and writes what was seen to work to
libs/catalog/src/seen-conversions.json and docs/formats.md. Only those are offered.

  --engine <name>   only this engine, repeatable; the others keep what is written
  --from, --to      only these formats; then nothing is written
  --dry-run         writes nothing
  --page            only makes docs/formats.md anew
  --routes          only tries what takes several engines (docx to pdf to png); ends with 1 when one of them does not work
  --help            this text`;

const CHECKOUT = path.resolve(__dirname, '../../..');
const SEEN = path.join(CHECKOUT, 'libs/catalog/src/seen-conversions.json');
const PAGE = path.join(CHECKOUT, 'docs/formats.md');
const COPY = path.join(CHECKOUT, 'dist/libs/catalog/src/seen-conversions.json');

interface Chosen {
  readonly engines: readonly string[] | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

const show = ({ from, to, problem }: Tried): void => {
  if (problem !== undefined) console.log(`  ${from} -> ${to}: ${problem.split('\n')[0]}`);
};

async function installed(folder: string): Promise<Engine[]> {
  const log = createLogger({ service: 'matrix', level: 'error' });
  const settings = { sandbox: 'bwrap' as const, faultEngine: false, only: [], log, slots: availableParallelism() };
  const pool = (name: 'media' | 'document') => enginesOfPool(name, { ...settings, stateDir: path.join(folder, name) });
  return [...(await pool('media')), ...(await pool('document'))];
}

/** Tries what was chosen; answers what each engine was seen to do. */
async function tryEngines({ engines: only, from, to }: Chosen, engines: readonly Engine[], samples: Samples): Promise<Seen> {
  const catalog = createCatalog({ faultEngine: false, unproven: true });
  const seen: Seen = {};
  for (const engine of engines) {
    const declared = catalog.conversionsOf(engine.name).filter((pair) => (from ?? pair.from) === pair.from && (to ?? pair.to) === pair.to);
    if (declared.length === 0 || seen[engine.name] || (only && !only.includes(engine.name))) continue;
    console.log(`${engine.name} ${engine.version}: ${declared.length} conversions`);
    const tried = await tryAll(({ to }) => [{ engine, options: { output_format: to } }], declared, samples, availableParallelism(), show);
    console.log(`  ${tried.filter(({ problem }) => problem === undefined).length} work`);
    seen[engine.name] = seenIn(tried);
  }
  return seen;
}

/** Tries what takes several engines; answers what does not work. Such a route is on offer with all its legs, so that none may fail. */
async function tryRoutes({ from, to }: Chosen, engines: readonly Engine[], samples: Samples): Promise<Tried[]> {
  const catalog = createCatalog({ faultEngine: false });
  const routes = routesOf(catalog).filter((pair) => (from ?? pair.from) === pair.from && (to ?? pair.to) === pair.to);
  console.log(`routes over several engines: ${routes.length} conversions`);
  const tried = await tryAll((pair) => legsOf(catalog, engines, pair), routes, samples, availableParallelism(), show);
  const failed = tried.filter(({ problem }) => problem !== undefined);
  console.log(`  ${tried.length - failed.length} work`);
  return failed;
}

const writePage = (): void => writeFileSync(PAGE, formatsPage(createCatalog({ faultEngine: false }).entries()));

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { engine: { type: 'string', multiple: true }, from: { type: 'string' }, to: { type: 'string' }, 'dry-run': { type: 'boolean' }, page: { type: 'boolean' }, routes: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return console.log(USAGE);
  if (values.page) return writePage();
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-samples-'));
  const engines = await installed(folder);
  try {
    const [chosen, samples] = [{ engines: values.engine, from: values.from, to: values.to }, new Samples(folder)];
    if (values.routes) {
      if ((await tryRoutes(chosen, engines, samples)).length > 0) process.exitCode = 1;
      return;
    }
    const seen = await tryEngines(chosen, engines, samples);
    if (values['dry-run'] || values.from !== undefined || values.to !== undefined) return;
    const all = values.engine ? { ...readSeen(SEEN), ...seen } : seen;
    for (const file of [SEEN, COPY]) writeSeen(file, all);
    // This process has read the catalog as it was.
    for (const next of ['--page', '--routes']) execFileSync(process.execPath, [__filename, next], { stdio: 'inherit' });
  } finally {
    await Promise.all(engines.map((engine) => engine.close?.()));
    rmSync(folder, { recursive: true, force: true });
  }
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error instanceof Error ? error.stack : error);
    process.exit(1);
  },
);
