import { z } from 'zod';
import type { ConversionTable } from '../conversion-table';
import { answersTo } from '../conversions';
import type { EngineDeclaration, Offer, OperationDeclaration, Options, Way } from '../declaration';
import { filename, format, integer, text, version } from '../fields';
import { canonicalFormat } from '../formats';
import { failureOfIssues } from '../messages';
import { step, versionOf, without } from '../steps';
import { listed, possibleEngines } from '../unsupported';

const FORMATS = ['png', 'jpg', 'webp'] as const;

/** Longest side of a thumbnail, pixels. */
const MAX_SIDE = 4096;
const MAX_COUNT = 100;

/** Seconds, or hours, minutes and seconds with a colon between. */
const time = () => z.preprocess((value) => (typeof value === 'number' ? String(value) : value), text(32).regex(/^(?:(?:\d{1,3}:)?[0-5]?\d:[0-5]?\d|\d{1,7})(?:\.\d{1,6})?$/));

const selection = z.object({
  input_format: format().optional(),
  output_format: z.preprocess((value) => (typeof value === 'string' ? canonicalFormat(value) : value), z.enum(FORMATS)),
  engine: text(64).optional(),
});

/** Options about the size and the number of pictures: for the step that makes them, and for no step after it. */
const PICTURES = ['width', 'height', 'fit', 'count', 'timestamp'];

/** Formats whose thumbnails are made alike. */
interface Maker extends Way {
  readonly from: ReadonlySet<string>;
}

const maker = (from: Iterable<string>, engines: readonly EngineDeclaration[], steps: Way['steps']): Maker => ({ from: new Set(from), engines, steps });

const hasGroup = (sources: ReadonlyMap<string, string>, ...groups: string[]): string[] => [...sources].flatMap(([from, group]) => (groups.includes(group) ? [from] : []));

/** Pictures that sharp reads; others become png first. */
function ofPictures(table: ConversionTable, to: string): Maker[] {
  const sharp = table.engine('sharp');
  if (!sharp) return [];
  const others = table.engines.filter((engine) => engine !== sharp && hasGroup(table.sources(engine, 'png'), 'image').length > 0);
  return [
    maker(hasGroup(table.sources(sharp, to), 'image'), [sharp], (options) => [step(sharp, versionOf(options))]),
    ...others.map((engine) =>
      maker(hasGroup(table.sources(engine, 'png'), 'image'), [engine, sharp], (options) => [
        step(engine, versionOf(options), 'convert', { output_format: 'png', ...without(options, [...PICTURES, 'filename']) }),
        step(sharp, 'any', 'thumbnail', without(options, ['input_format'])),
      ]),
    ),
  ];
}

function ofFilms(table: ConversionTable): Maker[] {
  const ffmpeg = table.engine('ffmpeg');
  return ffmpeg ? [maker(table.pairs(ffmpeg).flatMap(({ from, group }) => (group === 'video' ? [from] : [])), [ffmpeg], (options) => [step(ffmpeg, versionOf(options))])] : [];
}

/** Pages are drawn by poppler, as png where it does not write the format itself. */
function ofPages(table: ConversionTable, to: string): Maker[] {
  const poppler = table.engine('poppler');
  const sharp = table.engine('sharp');
  if (!poppler) return [];
  const direct = table.sources(poppler, to).has('pdf');
  if (!direct && !(sharp && table.sources(sharp, to).has('png'))) return [];
  const engines = direct ? [poppler] : [poppler, sharp!];
  const draw = (options: Options, first: boolean) => [
    step(poppler, first ? versionOf(options) : 'any', 'thumbnail', {
      ...(!direct && { output_format: 'png', ...without(options, ['filename']) }),
      ...(!first && without(options, ['input_format'])),
    }),
    ...(direct ? [] : [step(sharp!, 'any', 'convert', without(options, [...PICTURES, 'input_format']))]),
  ];
  const offices = table.engines.map((engine) => ({ engine, from: [...table.sources(engine, 'pdf')].flatMap(([from, group]) => (group === 'image' || from === 'pdf' ? [] : [from])) }));
  return [
    maker(['pdf'], engines, (options) => draw(options, true)),
    ...offices
      .filter(({ engine, from }) => engine !== poppler && from.length > 0)
      .map(({ engine, from }) =>
        maker(from, [engine, ...engines], (options) => [
          step(engine, versionOf(options), 'convert', { output_format: 'pdf', ...without(options, [...PICTURES, 'filename']) }),
          ...draw(options, false),
        ]),
      ),
  ];
}

/** Every maker of pictures of the format `to`, the preferred first. */
const makers = (table: ConversionTable, to: string): Maker[] => [...ofPictures(table, to), ...ofFilms(table), ...ofPages(table, to)].filter(({ from }) => from.size > 0);

function selected(options: Options): z.output<typeof selection> {
  const parsed = selection.safeParse(options);
  if (!parsed.success) throw failureOfIssues(parsed.error, options, []);
  return parsed.data;
}

function offers(table: ConversionTable): Offer[] {
  return FORMATS.flatMap((output) => {
    const offered = new Set<string>();
    return makers(table, output).flatMap(({ from, engines }) =>
      [...from].map((input) => {
        const alternative = offered.has(input);
        offered.add(input);
        return { input, output, engines, group: 'thumbnail', alternative };
      }),
    );
  });
}

function refusal(options: Options, table: ConversionTable, input: string): string {
  const { output_format: to, engine } = selected(options);
  const all = offers(table);
  const possible = possibleEngines(all, input, to) || ` Possible formats: ${listed(all.map((offer) => offer.input))}.`;
  return `A thumbnail of a file of the format ${input} cannot be made${engine === undefined ? '' : ` by ${engine}`}.${possible}`;
}

export const thumbnail: OperationDeclaration = {
  operation: 'thumbnail',
  kind: 'process',
  input: 'many',
  place: 'worker',
  group: 'thumbnail',
  options: selection.extend({
    engine_version: version().optional(),
    filename: filename().optional(),
    width: integer(1, MAX_SIDE).optional(),
    height: integer(1, MAX_SIDE).optional(),
    fit: z.enum(['max', 'crop', 'scale']).default('max'),
    /** So many pages or frames. */
    count: integer(1, MAX_COUNT).default(1),
    /** Where in a film. */
    timestamp: time().optional(),
  }),
  routing: {
    ways: (options, table, formats) => {
      const { input_format: asked, output_format: to, engine } = selected(options);
      const wanted = formats ?? (asked === undefined ? [] : [asked]);
      return makers(table, to).filter(({ from, engines }) => (engine === undefined || answersTo(engines[0]!, engine)) && wanted.every((input) => from.has(input)));
    },
    refusal,
    offers,
  },
};
