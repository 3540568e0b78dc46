import { z } from 'zod';
import type { ConversionTable } from '../conversion-table';
import type { EngineDeclaration, OperationDeclaration, Options, Way } from '../declaration';
import { filename, format, version } from '../fields';
import { step, versionOf, without } from '../steps';

/** Who turns files of a format into what is merged: nobody for a pdf, or these, in the order of the steps. */
function convertersOf(input: string, table: ConversionTable): ('sharp' | 'libreoffice')[] | undefined {
  if (input === 'pdf') return [];
  const [sharp, office] = [table.engine('sharp'), table.engine('libreoffice')];
  const pages = table.sources(office, 'pdf');
  // Pictures go by way of sharp even where the office reads them: it does not turn them as their metadata asks.
  if (input !== 'png' && pages.has('png') && table.sources(sharp, 'png').has(input)) return ['sharp', 'libreoffice'];
  return pages.has(input) ? ['libreoffice'] : undefined;
}

/** A step that converts what is its own and passes on all else. */
const converting = (engine: EngineDeclaration, to: string, options: Options) =>
  step(engine, 'any', 'convert', { output_format: to, pass_others: true, ...without(options, ['filename', 'input_format']) });

/** The one way for files of these formats. */
function way(table: ConversionTable, formats: readonly string[]): Way[] {
  const qpdf = table.engine('qpdf');
  const converters = formats.map((input) => convertersOf(input, table));
  if (!qpdf || converters.includes(undefined)) return [];
  const needed = new Set(converters.flat());
  const pictures = needed.has('sharp') ? table.engine('sharp') : undefined;
  const office = needed.has('libreoffice') ? table.engine('libreoffice') : undefined;
  return [
    {
      engines: [...(pictures ? [pictures] : []), ...(office ? [office] : []), qpdf],
      steps: (options) => [
        ...(pictures ? [converting(pictures, 'png', options)] : []),
        ...(office ? [converting(office, 'pdf', options)] : []),
        step(qpdf, versionOf(options), 'merge', pictures || office ? without(options, ['input_format']) : {}),
      ],
    },
  ];
}

/** Every format that can become part of a pdf. */
function inputs(table: ConversionTable): string[] {
  const known = new Set(['pdf', ...table.engines.flatMap((engine) => table.pairs(engine).map(({ from }) => from))]);
  return [...known].filter((input) => convertersOf(input, table) !== undefined).sort();
}

export const merge: OperationDeclaration = {
  operation: 'merge',
  kind: 'process',
  input: 'many',
  fewestInputs: 2,
  place: 'worker',
  group: 'merge',
  options: z.object({
    input_format: format().optional(),
    output_format: z.enum(['pdf']),
    engine: z.enum(['qpdf']).optional(),
    engine_version: version().optional(),
    filename: filename().optional(),
  }),
  routing: {
    ways: (_options, table, formats = []) => way(table, formats),
    refusal: (_options, table, input) => `A file of the format ${input} cannot become part of a pdf. Possible formats: ${inputs(table).join(', ')}.`,
    offers: (table) =>
      inputs(table).flatMap((input) => way(table, [input]).map(({ engines }) => ({ input, output: 'pdf', engines: [engines.at(-1)!, ...engines.slice(0, -1)], group: 'merge', alternative: false }))),
  },
};
