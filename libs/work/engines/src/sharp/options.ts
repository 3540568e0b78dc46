import { z } from 'zod';
import { Failure } from '@millrace/failures';
import type { TaskContext } from '@millrace/engine-kit';
import { OUTPUT_FORMATS, typeName } from './request';

/** libwebp and libjpeg refuse more on one side: 16,383 and 65,535 pixels. */
const SIDE = z.coerce.number().int().min(1).max(65_535);
/** The box of a thumbnail whose size nobody named, pixels. */
const THUMBNAIL_SIDE = 300;

const schema = z.object({
  output_format: z.preprocess((value) => (typeof value === 'string' ? typeName(value) : value), z.enum(OUTPUT_FORMATS)),
  width: SIDE.nullish(),
  height: SIDE.nullish(),
  fit: z.enum(['max', 'crop', 'scale']).nullish(),
  quality: z.coerce.number().int().min(1).max(100).nullish(),
  strip: z.boolean().nullish(),
  auto_orient: z.boolean().nullish(),
  pixel_density: z.coerce.number().int().min(1).max(1200).nullish(),
  /** Of a thumbnail: so many pages or frames, from the first on. */
  count: z.coerce.number().int().min(1).max(1000).nullish(),
  /** The step is one of several over mixed inputs: what needs no conversion here goes on as it is. */
  pass_others: z.boolean().nullish(),
});

export type SharpOptions = z.output<typeof schema>;

const invalid = (option: string, message: string, cause?: unknown) => new Failure('INVALID_INPUT', `The option ${option} is invalid: ${message}`, { cause });

/**
 * The options of this engine out of a task's; the catalog has checked them, this only keeps a slip there from reaching the program.
 * A thumbnail fits a box of 300 pixels and carries no metadata, where nothing else is said.
 * @throws Failure INVALID_INPUT naming the first wrong option.
 */
export function sharpOptions({ operation, options }: Pick<TaskContext, 'operation' | 'options'>): SharpOptions {
  const parsed = schema.safeParse(options);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw invalid(issue.path.join('.'), issue.message, parsed.error);
  }
  const { data } = parsed;
  // An encoder of 256 colours has nothing that a quality could turn; to ignore it would be to promise it.
  if (data.output_format === 'gif' && data.quality) throw invalid('quality', 'a gif has none; leave it out, or choose jpg, webp, avif, tiff or png');
  if (operation !== 'thumbnail') return { ...data, count: undefined };
  const box = data.width || data.height ? {} : { width: THUMBNAIL_SIDE, height: THUMBNAIL_SIDE };
  return { ...data, ...box, strip: data.strip ?? true, count: data.count ?? 1 };
}
