import { isDeepStrictEqual } from 'node:util';
import type { Rows } from './rows';

/** A row that is not as the fold says. `found` is undefined for a missing row, `expected` for one too many. */
export interface Difference {
  readonly table: keyof Rows;
  readonly key: string;
  readonly expected: unknown;
  readonly found: unknown;
}

/** Kinds of timers whose time moves without an event: a beat moves the lease, a look after a foreign task puts the next one off. */
const MOVING = new Set(['lease', 'foreign']);

function withoutMovingTime(row: unknown): unknown {
  const { kind, due_at: _dueAt, ...rest } = row as { kind?: string; due_at?: string };
  return kind !== undefined && MOVING.has(kind) ? { kind, ...rest } : row;
}

/** How the rows of one stream differ from those of its fold. Pure. */
export function differences(expected: Rows, found: Rows): Difference[] {
  return (['jobs', 'tasks', 'timers', 'references'] as const).flatMap((table) => {
    const [should, is] = [expected[table] as Record<string, unknown>, found[table] as Record<string, unknown>];
    return [...new Set([...Object.keys(should), ...Object.keys(is)])].flatMap((key) => {
      const same = should[key] !== undefined && is[key] !== undefined && isDeepStrictEqual(withoutMovingTime(should[key]), withoutMovingTime(is[key]));
      return same ? [] : [{ table, key, expected: should[key], found: is[key] }];
    });
  });
}
