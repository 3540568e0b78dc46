import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { identify, isAlive, type ProcessIdentity } from './process-identity';

/** Somebody runs in this data folder already. */
export class AlreadyRunning extends Error {
  constructor(readonly supervisor: ProcessIdentity, dataDir: string) {
    super(`Millrace is running already in ${dataDir} (process ${supervisor.pid}). "npm run status" shows it, "npm run down" stops it.`);
  }
}

function read(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The process that holds the lock, when it is alive. */
export function lockHolder(file: string): ProcessIdentity | undefined {
  const holder = read(file);
  return holder && isAlive(holder) ? holder : undefined;
}

/**
 * Takes the lock of a data folder for this process; answers how to give it back.
 * The lock of a dead process is moved away first; only one of several that try so gets the link.
 * @throws AlreadyRunning
 */
export function takeLock(file: string, dataDir: string): () => void {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(identify(process.pid)), { mode: 0o600 });
  try {
    for (;;) {
      try {
        linkSync(mine, file);
        return () => rmSync(file, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = lockHolder(file);
      if (holder) throw new AlreadyRunning(holder, dataDir);
      removeStale(file, mine);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function removeStale(file: string, mine: string): void {
  const aside = `${mine}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = lockHolder(aside);
  // Between our look and our move another one took it: it gets it back.
  if (moved) linkSync(aside, file);
  rmSync(aside);
}
