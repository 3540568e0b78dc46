import { existsSync, statSync } from 'node:fs';
import path from 'node:path';

/** The user that Postgres runs as when we are root, because it refuses to be root. `nobody` on Debian and Ubuntu. */
export const POSTGRES_UID = 65534;

const isRoot = process.getuid?.() === 0;

/** Spawn options that take root's rights away; empty when we have none. */
export const asPostgresUser: { readonly uid?: number; readonly gid?: number } = isRoot ? { uid: POSTGRES_UID, gid: POSTGRES_UID } : {};

const SEARCH_BY_OTHERS = 0o001;

/**
 * Whether the user that Postgres runs as can reach what lies in `folder`: each folder on the way that exists lets others pass.
 * A folder that does not exist yet is made by us, and passable.
 */
export function isReachable(folder: string): boolean {
  if (!isRoot) return true;
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    if (existsSync(at)) {
      const { mode, uid } = statSync(at);
      if ((mode & SEARCH_BY_OTHERS) === 0 && uid !== POSTGRES_UID) return false;
    }
    if (at === path.dirname(at)) return true;
  }
}
