import { z } from 'zod';
import { Failure } from '@millrace/failures';
import { typeName } from './request';

/** libwebp and libjpeg refuse more on one side: 16,383 and 65,535 pixels. */
const SIDE = z.coerce.number().int().min(1).max(65_535);

const schema = z.object({
  output_format: z.preprocess((value) => (typeof value === 'string' ? typeName(value) : value), z.enum(['jpg', 'png', 'webp'])),
  width: SIDE.nullish(),
  height: SIDE.nullish(),
  fit: z.enum(['max', 'crop', 'scale']).nullish(),
  quality: z.coerce.number().int().min(1).max(100).nullish(),
  strip: z.boolean().nullish(),
  auto_orient: z.boolean().nullish(),
});

export type SharpOptions = z.output<typeof schema>;

/**
 * The options of this engine out of a task's; the catalog has checked them, this only keeps a slip there from reaching the program.
 * @throws Failure INVALID_INPUT naming the first wrong option.
 */
export function sharpOptions(options: Readonly<Record<string, unknown>>): SharpOptions {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new Failure('INVALID_INPUT', `The option ${issue.path.join('.')} is invalid: ${issue.message}`, { cause: parsed.error });
}
