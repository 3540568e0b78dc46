import type { Catalog } from '@millrace/catalog';
import type { Engine } from '@millrace/engine-kit';
import type { Leg } from './convert-sample';
import type { Pair } from './matrix';

/** Conversions on offer that take several engines. */
export function routesOf(catalog: Catalog): Pair[] {
  return catalog.entries().flatMap(({ operation, input_format: from, output_format: to, needs, alternative }) => (operation === 'convert' && from && to && needs.length > 1 && !alternative ? [{ from, to }] : []));
}

/** What the workers would be told of a conversion. Throws an Error when the catalog refuses it, or an engine is not installed. */
export function legsOf(catalog: Catalog, engines: readonly Engine[], { from, to }: Pair): Leg[] {
  const plan = catalog.plan('convert', { input: ['sample'], input_format: from, output_format: to });
  const route = catalog.route({ operation: 'convert', options: plan.options, steps: plan.steps, files: [{ name: `sample.${from}`, type: from, size: 1 }] });
  if (!('steps' in route)) throw new Error(route.message);
  return route.steps.map(({ engine: name, set }) => {
    const engine = engines.find((one) => one.name === name);
    if (!engine) throw new Error(`the engine ${name} is not installed`);
    return { engine, options: { ...plan.options, ...set } };
  });
}
