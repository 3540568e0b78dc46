import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { convertSample, type Leg } from './convert-sample';
import { kindOf } from './kinds';
import { problemOf } from './probe';
import { sampleOf } from './samples';

/** One conversion: from a format to another. */
export interface Pair {
  readonly from: string;
  readonly to: string;
}

/** The engines that do a conversion, with the options of each. */
export type LegsOf = (pair: Pair) => readonly Leg[];

/** What came of it. */
export interface Tried extends Pair {
  /** Undefined: it works. */
  readonly problem: string | undefined;
}

/** Samples, each made once. */
export class Samples {
  private readonly made = new Map<string, Promise<string | undefined>>();

  constructor(readonly folder: string) {}

  of(format: string): Promise<string | undefined> {
    const known = this.made.get(format) ?? sampleOf(format, this.folder);
    this.made.set(format, known);
    return known;
  }
}

async function tryPair(legsOf: LegsOf, { from, to }: Pair, samples: Samples): Promise<string | undefined> {
  const sample = await samples.of(from);
  if (sample === undefined) return 'there is no sample';
  const folder = await mkdtemp(path.join(tmpdir(), 'millrace-matrix-'));
  try {
    const file = await convertSample(legsOf({ from, to }), sample, folder);
    // A film becomes an animation, and a picture on a page has no text to look for.
    const [source, target] = [kindOf(from), kindOf(to)];
    return await problemOf(to, target, file, source !== 'document');
  } catch (error) {
    return (error as Error).message;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Tries every pair, `atATime` of them together. */
export async function tryAll(legsOf: LegsOf, pairs: readonly Pair[], samples: Samples, atATime: number, tell: (tried: Tried) => void): Promise<Tried[]> {
  const tried: Tried[] = [];
  const left = [...pairs];
  const lane = async (): Promise<void> => {
    for (let pair = left.shift(); pair; pair = left.shift()) {
      const result = { ...pair, problem: await tryPair(legsOf, pair, samples) };
      tried.push(result);
      tell(result);
    }
  };
  await Promise.all(Array.from({ length: atATime }, lane));
  return tried;
}
