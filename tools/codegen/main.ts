import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { staleFiles } from './generated-files';

const USAGE = `Usage: npm run gen [-- --check]

Writes the files that are made from the code: docs/asyncapi.json.

--check   writes nothing; ends with 1 when one of them is not what the code says`;

function main(argv: readonly string[]): number {
  const [flag, ...rest] = argv;
  if (flag === '--help' || flag === '-h') {
    console.log(USAGE);
    return 0;
  }
  if ((flag !== undefined && flag !== '--check') || rest.length > 0) {
    console.error(`gen ${argv.join(' ')}: the only option is --check\n\n${USAGE}`);
    return 2;
  }
  const checkout = process.cwd();
  const stale = staleFiles(checkout);
  for (const { file, text } of stale) {
    if (flag === '--check') console.error(`${file} is not what the code says: run "npm run gen" and commit it`);
    else writeFileSync(path.join(checkout, file), text);
  }
  if (flag !== '--check') console.log(stale.length === 0 ? 'nothing has changed' : `wrote ${stale.map(({ file }) => file).join(', ')}`);
  return flag === '--check' && stale.length > 0 ? 1 : 0;
}

process.exitCode = main(process.argv.slice(2));
