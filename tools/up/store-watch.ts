import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const inode = (folder: string): number | undefined => statSync(folder, { throwIfNoEntry: false })?.ino;

function subfolders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => path.join(folder, entry.name));
  } catch {
    return [];
  }
}

/** The store, JetStream's folder in it, and the folder of each account: none of them goes while the server is well. */
const lasting = (storeDir: string): string[] => [storeDir, path.join(storeDir, 'jetstream'), ...subfolders(path.join(storeDir, 'jetstream'))];

/**
 * Notices that the folders of a running nats-server were removed. Such a server refuses every publish (error 10077), without end and
 * while it looks healthy, until it is started again.
 */
export class StoreWatch {
  private seen = new Map<string, number>();

  constructor(private readonly storeDir: string) {}

  /** To be called when a new server is ready: what it uses is what is there now. */
  reset(): void {
    this.seen = new Map();
    this.remember();
  }

  /** Whether a folder that a ready server has is gone or is another one than at the last call. Remembers new ones. */
  vanished(): boolean {
    if (inode(path.join(this.storeDir, 'jetstream')) === undefined) return true;
    for (const [folder, was] of this.seen) if (inode(folder) !== was) return true;
    this.remember();
    return false;
  }

  private remember(): void {
    for (const folder of lasting(this.storeDir)) {
      const is = inode(folder);
      if (is !== undefined) this.seen.set(folder, is);
    }
  }
}
