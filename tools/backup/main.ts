import path from 'node:path';
import { parseArgs } from 'node:util';
import { dataDirOf } from '../up/invocation';
import { restoreBackup } from './restore';
import { takeBackup } from './take';

const USAGE = `Usage: npm run backup -- <folder> [--data-dir=<folder>]
       npm run restore -- <folder> [--data-dir=<folder>]

backup    copies what runs (database, files, keys) into a folder that is not there yet, without stopping it
restore   puts a backup into a data folder that holds nothing; "npm run up" with that folder follows

The copy holds every secret of the installation. docs/operations.md tells the rest.`;

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...argv], allowPositionals: true, options: { 'data-dir': { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
  const [action, named, ...rest] = positionals;
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if ((action !== 'take' && action !== 'restore') || named === undefined || rest.length > 0) {
    console.error(`one folder has to be named\n\n${USAGE}`);
    return 2;
  }
  const [checkout, folder] = [process.cwd(), path.resolve(named)];
  const dataDir = dataDirOf({ checkout, values });
  if (action === 'take') {
    const { position } = await takeBackup(dataDir, folder);
    console.log(`${folder} holds the installation in ${dataDir.root}, up to position ${position} of its log`);
  } else {
    const { takenAt } = await restoreBackup(folder, dataDir, checkout);
    console.log(`${dataDir.root} is as it was at ${takenAt}: npm run up -- --data-dir=${dataDir.root}`);
  }
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
