import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { isReachable } from '../infra';

/** Where everything lies that outlives a start. */
export interface DataDir {
  readonly root: string;
  readonly postgres: string;
  readonly nats: string;
  readonly blobs: string;
  readonly scratch: string;
  readonly logs: string;
  readonly run: string;
  /** Certificates of `--tls`. */
  readonly tls: string;
  /** Secrets, ports and the API key; mode 0600. */
  readonly stateFile: string;
}

const layout = (root: string): DataDir => ({
  root,
  postgres: path.join(root, 'postgres'),
  nats: path.join(root, 'nats'),
  blobs: path.join(root, 'blobs'),
  scratch: path.join(root, 'scratch'),
  logs: path.join(root, 'logs'),
  run: path.join(root, 'run'),
  tls: path.join(root, 'tls'),
  stateFile: path.join(root, 'state.json'),
});

/** Where data goes when root's checkout lies where the user of Postgres may not pass (under /root, say). */
const elsewhere = (checkout: string): string => `/var/lib/millrace-${createHash('sha256').update(checkout).digest('hex').slice(0, 12)}`;

/** The data folder: the one that was named, else `.millrace` of the checkout, else its stand-in under /var/lib. Makes nothing. */
export function locateDataDir(checkout: string, named: string | undefined): DataDir {
  if (named) return layout(path.resolve(named));
  const usual = path.join(checkout, '.millrace');
  if (existsSync(usual) && lstatSync(usual).isSymbolicLink()) return layout(elsewhere(checkout));
  return layout(isReachable(usual) ? usual : elsewhere(checkout));
}

/**
 * Makes the folders. A stand-in under /var/lib is linked from `.millrace`, so that everything is found there all the same.
 * @throws Error when a folder that was named cannot be reached by the user that Postgres runs as.
 */
export function makeDataDir(dir: DataDir, checkout: string): void {
  mkdirSync(dir.root, { recursive: true, mode: 0o711 });
  if (!isReachable(dir.root)) {
    throw new Error(`--data-dir=${dir.root}: Postgres does not run as root, and its user (uid 65534) may not pass through a folder on this path. Choose another folder, or allow it by chmod o+x.`);
  }
  const usual = path.join(checkout, '.millrace');
  if (dir.root === elsewhere(checkout) && !existsSync(usual)) symlinkSync(dir.root, usual);
  for (const folder of [dir.nats, dir.blobs, dir.scratch, dir.logs, dir.run]) mkdirSync(folder, { recursive: true, mode: 0o700 });
}
