import type { Client } from '../e2e/client';
import type { Stack } from '../testing/stack';
import type { Figure } from './figure';

/** What a row measures with. */
export interface Bench {
  readonly stack: Stack;
  readonly client: Client;
  /** A folder for samples and for what yardsticks write. */
  readonly folder: string;
  /** Small counts: shows that a row works, its figures are worth little. */
  readonly quick: boolean;
  /** A remark for people, beside the table. */
  readonly note: (text: string) => void;
}

export type Row = (bench: Bench) => Promise<Figure[]>;

/** Milliseconds of `work`. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** `count` times, one after another; milliseconds of each. */
export async function series(count: number, work: () => Promise<unknown>): Promise<number[]> {
  const all: number[] = [];
  for (let i = 0; i < count; i += 1) all.push(await timed(work));
  return all;
}

/** `count` times in all, `width` at a time; milliseconds of each. */
export async function inFlight(count: number, width: number, work: () => Promise<unknown>): Promise<number[]> {
  let left = count;
  const all: number[] = [];
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      all.push(await timed(work));
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return all;
}
