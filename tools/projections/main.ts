import { duration, loadConfig, secret } from '@millrace/config';
import { createDatabase, requireSchema } from '@millrace/database';
import { DEFAULT_RULES } from '@millrace/job-domain';
import { Projections, type StreamDifferences } from '@millrace/job-store';
import { z } from 'zod';

/** Timers follow from the settings that the services run with. */
const environment = z.object({
  DATABASE_URL: secret({ example: 'postgres://millrace:secret@127.0.0.1:5432/millrace' }),
  ENGINE_UNAVAILABLE_AFTER: duration('15m'),
  RETENTION: duration('24h'),
});

const USAGE = `Usage: npm run projections:check | npm run projections:rebuild

check    compares the read models with the fold of the log; ends with 1 when a row differs
rebuild  puts every row right that differs

Both work beside a running system. The database is the one of the installation, or DATABASE_URL.`;

function show({ stream, differences }: StreamDifferences): void {
  for (const { table, key, expected, found } of differences) {
    const what = found === undefined ? 'is missing' : expected === undefined ? 'should not be there' : 'differs';
    console.log(`${stream}: ${table} ${key.trim()} ${what}`);
    if (found !== undefined && expected !== undefined) console.log(`  log says ${JSON.stringify(expected)}\n  found    ${JSON.stringify(found)}`);
  }
}

async function main(): Promise<number> {
  const [action, ...rest] = process.argv.slice(2);
  if (action === '--help' || rest.includes('--help')) {
    console.log(USAGE);
    return 0;
  }
  if (action !== 'check' && action !== 'rebuild') {
    console.error(`projections ${action ?? ''}: valid values are check, rebuild\n\n${USAGE}`);
    return 2;
  }
  const env = loadConfig(environment);
  const database = createDatabase({ url: env.DATABASE_URL.reveal(), applicationName: 'millrace-projections', statementTimeoutMs: 60_000 });
  try {
    await requireSchema(database.kysely);
    const projections = new Projections(database, { ...DEFAULT_RULES, queueMs: env.ENGINE_UNAVAILABLE_AFTER, retentionMs: env.RETENTION });
    let [looked, wrong] = [0, 0];
    const count = (): void => void (looked += 1);
    for await (const stream of action === 'check' ? projections.check(count) : projections.rebuild(count)) {
      wrong += 1;
      show(stream);
    }
    console.log(`${looked} streams, ${wrong} ${action === 'check' ? 'differ from' : 'were put right by'} the log`);
    return action === 'check' && wrong > 0 ? 1 : 0;
  } finally {
    await database.close();
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
