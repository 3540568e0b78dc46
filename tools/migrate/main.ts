import { migrate } from '@millrace/database';

const USAGE = `Usage: npm run migrate

Brings the database to the schema of this version. "npm run up" does the same when it starts.

  DATABASE_URL   another database than the one that "npm run up" runs here`;

async function main(): Promise<void> {
  const [argument] = process.argv.slice(2);
  if (argument === '--help' || argument === '-h') return console.log(USAGE);
  if (argument !== undefined) throw new Error(`Unexpected argument "${argument}".\n\n${USAGE}`);
  const steps = await migrate(process.env['DATABASE_URL']!);
  console.log(steps.length === 0 ? 'the schema is the newest already' : steps.join('\n'));
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
