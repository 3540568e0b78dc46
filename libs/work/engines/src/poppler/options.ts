import { z } from 'zod';
import { Failure } from '@millrace/failures';
import type { TaskContext } from '@millrace/engine-kit';

/** The box of a thumbnail whose size nobody named, pixels. */
const THUMBNAIL_SIDE = 300;
/** Where nothing else sets the size of a picture, pixels an inch. */
const DENSITY = 150;

/** One picture a page. */
export const PICTURES = ['png', 'jpg', 'tiff'] as const;
export type Picture = (typeof PICTURES)[number];
const FORMATS = [...PICTURES, 'svg', 'txt'] as const;

const SPELLINGS: Readonly<Record<string, string>> = { jpeg: 'jpg', tif: 'tiff' };
const side = z.coerce.number().int().min(1).max(20_000).nullish();

const schema = z.object({
  output_format: z.preprocess((value) => SPELLINGS[String(value).toLowerCase()] ?? String(value).toLowerCase(), z.enum(FORMATS)),
  pages: z.string().nullish(),
  pixel_density: z.coerce.number().int().min(10).max(1200).nullish(),
  width: side,
  height: side,
  fit: z.enum(['max', 'crop', 'scale']).nullish(),
  quality: z.coerce.number().int().min(1).max(100).nullish(),
  password: z.string().nullish(),
  /** Of a thumbnail: so many pages, from the first on. */
  count: z.coerce.number().int().min(1).max(1000).nullish(),
  /** The step is one of several over mixed inputs: what is no PDF goes on as it is. */
  pass_others: z.boolean().nullish(),
});

/** How large pictures become. */
export interface Sizing {
  /** Pixels an inch. */
  readonly density: number;
  /** True when the density was asked for: then `max` makes nothing larger than that. */
  readonly fixed: boolean;
  readonly width?: number;
  readonly height?: number;
  readonly fit: 'max' | 'crop' | 'scale';
}

export interface PopplerOptions {
  readonly format: (typeof FORMATS)[number];
  /** As asked for: "1-3,5". */
  readonly pages?: string;
  readonly sizing: Sizing;
  readonly quality?: number;
  readonly password?: string;
  readonly passOthers: boolean;
}

const invalid = (option: string, message: string, cause?: unknown): Failure => new Failure('INVALID_INPUT', `The option ${option} is invalid: ${message}`, { cause });

/** Options that mean nothing for a format. To ignore one would be to promise it. */
function refuseMeaningless(given: z.output<typeof schema>): void {
  const { output_format: format } = given;
  const sizes = ['width', 'height', 'fit'] as const;
  const meaningless = format === 'txt' ? ([...sizes, 'pixel_density', 'quality'] as const) : format === 'svg' ? ([...sizes, 'quality'] as const) : format === 'jpg' ? [] : (['quality'] as const);
  const option = meaningless.find((name) => given[name] !== undefined && given[name] !== null);
  if (option) throw invalid(option, `it means nothing for ${format}; leave it out`);
}

/**
 * The options of this engine out of a task's; the catalog has checked most, the rest depends on the output. A thumbnail is of the first
 * page and fits a box of 300 pixels, where nothing else is said.
 * @throws Failure INVALID_INPUT naming the first wrong option.
 */
export function popplerOptions({ operation, options }: Pick<TaskContext, 'operation' | 'options'>): PopplerOptions {
  const parsed = schema.safeParse(options);
  if (!parsed.success) throw invalid(parsed.error.issues[0]!.path.join('.'), parsed.error.issues[0]!.message, parsed.error);
  const { data } = parsed;
  refuseMeaningless(data);
  const thumbnail = operation === 'thumbnail';
  const box = thumbnail && !data.width && !data.height ? { width: THUMBNAIL_SIDE, height: THUMBNAIL_SIDE } : {};
  const pages = thumbnail ? `1-${data.count ?? 1}` : data.pages;
  return {
    format: data.output_format,
    ...(pages && { pages }),
    sizing: { density: data.pixel_density ?? DENSITY, fixed: Boolean(data.pixel_density), ...(data.width && { width: data.width }), ...(data.height && { height: data.height }), ...box, fit: data.fit ?? 'max' },
    ...(data.quality && { quality: data.quality }),
    ...(data.password && { password: data.password }),
    passOthers: data.pass_others ?? false,
  };
}
