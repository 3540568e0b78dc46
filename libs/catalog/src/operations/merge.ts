import { z } from 'zod';
import type { ConversionTable } from '../conversion-table';
import type { EngineDeclaration, OperationDeclaration, Options, Way } from '../declaration';
import { filename, format, version } from '../fields';
import { step, versionOf, without } from '../steps';

/** Those that turn files into what is merged, in the order of their steps: pictures become png, then everything a pdf. */
const PICTURES = ['libheif', 'sharp'] as const;
const CONVERTERS = [...PICTURES, 'libreoffice'] as const;
type Converter = (typeof CONVERTERS)[number];

/** Who works on files of a format before they are merged: nobody on a pdf; undefined where they cannot become one. */
function convertersOf(input: string, table: ConversionTable): Converter[] | undefined {
  if (input === 'pdf') return [];
  const pages = table.sources(table.engine('libreoffice'), 'pdf');
  // Pictures go by way of png even where the office reads them: it does not turn them as their metadata asks.
  const decoder = input !== 'png' && pages.has('png') ? PICTURES.findLast((name) => table.sources(table.engine(name), 'png').has(input)) : undefined;
  if (decoder) return [decoder, 'libreoffice'];
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
  const before = CONVERTERS.flatMap((name) => {
    const engine = needed.has(name) ? table.engine(name) : undefined;
    return engine ? [{ engine, to: name === 'libreoffice' ? 'pdf' : 'png' }] : [];
  });
  return [
    {
      engines: [...before.map(({ engine }) => engine), qpdf],
      steps: (options) => [
        ...before.map(({ engine, to }) => converting(engine, to, options)),
        step(qpdf, versionOf(options), 'merge', before.length > 0 ? without(options, ['input_format']) : {}),
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
