import type { StepPlan } from '@millrace/contracts';
import type { Leg } from './conversion-table';
import type { EngineDeclaration, Options } from './declaration';

type Set = NonNullable<StepPlan['set']>;

/** Options about how the result is written: of several steps that know one, the last takes it. Every other option goes to the first that knows it. */
const ABOUT_THE_RESULT: ReadonlySet<string> = new Set(['quality']);

/** The version that was asked for; it is the one of the first step's engine. */
export const versionOf = ({ engine_version: version }: Options): string => (typeof version === 'string' ? version : 'any');

/** One step. An empty `set` is left out. */
export const step = (engine: EngineDeclaration, version: string, operation?: string, set: Set = {}): StepPlan => ({
  engine: engine.name,
  version,
  ...(operation !== undefined && { operation }),
  ...(Object.keys(set).length > 0 && { set }),
});

/** Takes away what was given: null for each of `names` that `options` have. */
export const without = (options: Options, names: Iterable<string>): Set => Object.fromEntries([...names].filter((name) => Object.hasOwn(options, name)).map((name) => [name, null]));

/** The one of these engines that takes the option. */
function taker(option: string, engines: readonly EngineDeclaration[]): EngineDeclaration | undefined {
  const knowing = engines.filter(({ options }) => Object.hasOwn(options.shape, option));
  return ABOUT_THE_RESULT.has(option) ? knowing.at(-1) : knowing[0];
}

/** The steps of a conversion along `legs`: each option is for one step; only the result bears the name that was asked for. */
export function conversionSteps(legs: readonly Leg[], options: Options): StepPlan[] {
  if (legs.length === 1) return [step(legs[0]!.engine, versionOf(options))];
  const engines = legs.map(({ engine }) => engine);
  return legs.map(({ engine, to }, i) => {
    const last = i === legs.length - 1;
    const foreign = Object.keys(engine.options.shape).filter((name) => taker(name, engines) !== engine);
    const set = { ...(!last && { output_format: to }), ...without(options, [...foreign, ...(last ? [] : ['filename']), ...(i > 0 ? ['input_format'] : [])]) };
    return step(engine, i === 0 ? versionOf(options) : 'any', 'convert', set);
  });
}
