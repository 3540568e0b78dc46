import { z } from 'zod';
import type { ConversionRoute, ConversionTable } from '../conversion-table';
import { answersTo } from '../conversions';
import type { Offer, OperationDeclaration, Options, Way } from '../declaration';
import { filename, format, text, version } from '../fields';
import { failureOfIssues } from '../messages';
import { conversionSteps } from '../steps';
import { possibleEngines } from '../unsupported';

/** The options that choose the engine. */
const selection = z.object({ input_format: format().optional(), output_format: format(), engine: text(64).optional() });

function selected(options: Options): z.output<typeof selection> {
  const parsed = selection.safeParse(options);
  if (!parsed.success) throw failureOfIssues(parsed.error, options, []);
  return parsed.data;
}

const way = ({ legs }: ConversionRoute): Way => ({
  engines: legs.map(({ engine }) => engine),
  steps: (options) => conversionSteps(legs, options),
});

function ways(options: Options, table: ConversionTable, formats?: readonly string[]): Way[] {
  const { input_format: asked, output_format: to, engine } = selected(options);
  const wanted = formats ?? (asked === undefined ? [] : [asked]);
  return table
    .routesTo(to)
    .filter(({ legs, from }) => (engine === undefined || answersTo(legs[0]!.engine, engine)) && wanted.every((input) => from.has(input)))
    .map(way);
}

function offers(table: ConversionTable): Offer[] {
  return table.targets().flatMap((output) => {
    const offered = new Set<string>();
    return table.routesTo(output).flatMap(({ legs, from }) =>
      [...from].map(([input, group]) => {
        const alternative = offered.has(input);
        offered.add(input);
        return { input, output, engines: legs.map(({ engine }) => engine), group, alternative };
      }),
    );
  });
}

function refusal(options: Options, table: ConversionTable, input: string): string {
  const { output_format: to, engine } = selected(options);
  const targets = table.targets().filter((target) => table.routesTo(target).some(({ from }) => from.has(input)));
  const possible = targets.length > 0 ? `It can be converted to ${targets.join(', ')}` : 'It cannot be converted';
  const engines = possibleEngines(offers(table), input, to);
  return `This conversion type is not supported: a file of the format ${input} to ${to}${engine === undefined ? '' : ` by ${engine}`}. ${possible}.${engines}`;
}

export const convert: OperationDeclaration = {
  operation: 'convert',
  kind: 'process',
  input: 'many',
  place: 'worker',
  group: 'convert',
  options: selection.extend({ engine_version: version().optional(), filename: filename().optional() }),
  takesEngineOptions: true,
  routing: {
    ways,
    refusal,
    offers,
  },
};
