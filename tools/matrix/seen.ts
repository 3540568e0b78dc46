import { readFileSync, writeFileSync } from 'node:fs';
import type { Tried } from './matrix';

/** Conversions that were seen to work: engine -> from -> to. */
export type Seen = Record<string, Record<string, string[]>>;

const sorted = <T>(record: Record<string, T>): Record<string, T> => Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

/** What worked, in one order whatever the order of the tries. */
export function seenIn(tried: readonly Tried[]): Record<string, string[]> {
  const seen: Record<string, string[]> = {};
  for (const { from, to, problem } of tried) if (problem === undefined) (seen[from] ??= []).push(to);
  for (const list of Object.values(seen)) list.sort();
  return sorted(seen);
}

export const readSeen = (file: string): Seen => JSON.parse(readFileSync(file, 'utf8')) as Seen;

/** One line per source format, so that a change is read in a diff. */
export function writeSeen(file: string, seen: Seen): void {
  const engines = Object.entries(sorted(seen)).map(([engine, pairs]) => {
    const lines = Object.entries(pairs).map(([from, to]) => `    ${JSON.stringify(from)}: ${JSON.stringify(to)}`);
    return `  ${JSON.stringify(engine)}: {\n${lines.join(',\n')}\n  }`;
  });
  writeFileSync(file, `{\n${engines.join(',\n')}\n}\n`);
}
