import type { EngineDeclaration } from './declaration';

/** One conversion of an engine. */
export interface Pair {
  readonly from: string;
  readonly to: string;
  readonly group: string;
}

/** Every conversion of `engine`, each once. */
export function pairsOf({ conversions = [], group: own }: EngineDeclaration): Pair[] {
  const pairs = new Map<string, Pair>();
  for (const { from: sources, to: targets, group = own } of conversions) {
    for (const from of sources) for (const to of targets) pairs.set(`${from} ${to}`, { from, to, group });
  }
  return [...pairs.values()];
}

/** True when `engine` converts to `to`, from `from` where that is given. */
export function converts({ conversions = [] }: EngineDeclaration, to: string, from?: string): boolean {
  return conversions.some((some) => some.to.includes(to) && (from === undefined || some.from.includes(from)));
}

/** True when `engine` may be asked for by `name`. */
export const answersTo = ({ name, aliases = [] }: EngineDeclaration, asked: string): boolean => name === asked || aliases.includes(asked);
