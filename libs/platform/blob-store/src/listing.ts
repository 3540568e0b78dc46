import path from 'node:path';
import type { BlobEntry } from './blob-store';
import { checkPrefix } from './key';
import { namesIn } from './staging';

/** Reads one blob of a listing; undefined when it went meanwhile. */
type ReadEntry = (key: string) => Promise<BlobEntry | undefined>;

const DEPTH = 3;

/** Walks `<root>/<task>/<run>/<name>` in the order of the keys' UTF-8 bytes, as S3 lists. */
export async function* walk(root: string, prefix: string, after: string, limit: number, read: ReadEntry): AsyncGenerator<BlobEntry> {
  const { whole } = checkPrefix(prefix);
  const start = whole.map((segment) => `${segment}/`).join('');
  let left = limit;
  for await (const key of keysUnder(root, start, whole.length, prefix, after)) {
    if (left <= 0) return;
    const entry = await read(key);
    if (!entry) continue;
    left -= 1;
    yield { key, size: entry.size, modifiedAt: entry.modifiedAt };
  }
}

async function* keysUnder(root: string, parent: string, depth: number, prefix: string, after: string): AsyncGenerator<string> {
  const leaf = depth === DEPTH - 1;
  const keys = (await namesIn(path.join(root, parent))).map((name) => `${parent}${name}${leaf ? '' : '/'}`);
  for (const key of keys.sort(byBytes)) {
    if (!key.startsWith(prefix) && !prefix.startsWith(key)) continue;
    if (leaf) {
      if (byBytes(key, after) > 0) yield key;
    } else if (byBytes(key, after) > 0 || after.startsWith(key)) {
      yield* keysUnder(root, key, depth + 1, prefix, after);
    }
  }
}

/** S3's order; JavaScript's own compares UTF-16 units and puts emoji before U+FF5E. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
