import type { EngineDeclaration } from './declaration';

/** One conversion of an engine. */
export interface Pair {
  readonly from: string;
  readonly to: string;
  readonly group: string;
}

/** Pairs that were seen to work, by engine, input and output format. Of an engine that is not named nothing is known. */
export type SeenConversions = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** True unless `seen` knows the engine and not the pair. */
export const isProven = (seen: SeenConversions, engine: string, from: string, to: string): boolean =>
  !Object.hasOwn(seen, engine) || (Object.hasOwn(seen[engine]!, from) && seen[engine]![from]!.includes(to));

/** Every conversion of `engine`, each once. */
export function pairsOf({ conversions = [], group: own }: EngineDeclaration): Pair[] {
  const pairs = new Map<string, Pair>();
  for (const { from: sources, to: targets, group = own } of conversions) {
    for (const from of sources) for (const to of targets) pairs.set(`${from} ${to}`, { from, to, group });
  }
  return [...pairs.values()];
}

/** True when `engine` may be asked for by `name`. */
export const answersTo = ({ name, aliases = [] }: EngineDeclaration, asked: string): boolean => name === asked || aliases.includes(asked);
