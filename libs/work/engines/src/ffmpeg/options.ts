import { Failure } from '@millrace/failures';
import { z } from 'zod';
import { secondsOf } from './times';

const time = z.union([z.number(), z.string()]).transform((value, ctx) => {
  const seconds = secondsOf(String(value));
  if (seconds === undefined) ctx.addIssue({ code: 'custom', message: 'It must be a time such as 90, 1:30 or 00:01:30.5' });
  return seconds ?? 0;
});
const side = z.coerce.number().int().min(1).max(7680);

const sizing = z.object({
  width: side.nullish(),
  height: side.nullish(),
  fit: z.enum(['max', 'crop', 'scale']).nullish(),
});

const conversion = sizing.extend({
  output_format: z.string().toLowerCase(),
  video_codec: z.string().nullish(),
  crf: z.coerce.number().int().min(0).max(63).nullish(),
  preset: z.string().regex(/^[a-z]{4,9}$/).nullish(),
  fps: z.coerce.number().min(1).max(240).nullish(),
  aspect_ratio: z.string().regex(/^[1-9]\d{0,3}:[1-9]\d{0,3}$/).nullish(),
  video_bitrate: z.coerce.number().int().min(8).max(200_000).nullish(),
  audio_codec: z.string().nullish(),
  audio_bitrate: z.coerce.number().int().min(8).max(1536).nullish(),
  sample_rate: z.coerce.number().int().min(4000).max(192_000).nullish(),
  audio_frequency: z.coerce.number().int().min(4000).max(192_000).nullish(),
  channels: z.coerce.number().int().min(1).max(8).nullish(),
  volume: z.coerce.number().min(0).max(10).nullish(),
  trim_start: time.nullish(),
  trim_end: time.nullish(),
  faststart: z.boolean().nullish(),
  strip_metadata: z.boolean().nullish(),
});

const thumbnail = sizing.extend({
  output_format: z.enum(['png', 'jpg', 'webp']),
  count: z.coerce.number().int().min(1).nullish(),
  timestamp: time.nullish(),
});

export type SizeOptions = z.output<typeof sizing>;
/** Times in seconds, bit rates in kbit/s, rates in Hz. */
export type ConvertOptions = z.output<typeof conversion>;
export type ThumbnailOptions = z.output<typeof thumbnail>;

function parsed<T>(schema: z.ZodType<T>, options: Readonly<Record<string, unknown>>): T {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new Failure('INVALID_INPUT', `The option ${issue.path.join('.')} is invalid: ${issue.message}`, { cause: result.error });
}

/**
 * The options of a conversion out of a task's; the catalog has checked them, this only keeps a slip there from reaching the program.
 * @throws Failure INVALID_INPUT naming the first wrong option.
 */
export function convertOptions(options: Readonly<Record<string, unknown>>): ConvertOptions {
  const found = parsed(conversion, options);
  const { sample_rate, audio_frequency, trim_start, trim_end } = found;
  if (sample_rate != null && audio_frequency != null && sample_rate !== audio_frequency) {
    throw new Failure('INVALID_INPUT', 'The options sample_rate and audio_frequency mean the same and differ');
  }
  if (trim_end != null && trim_end <= (trim_start ?? 0)) throw new Failure('INVALID_INPUT', 'The option trim_end must be later than trim_start');
  return { ...found, sample_rate: sample_rate ?? audio_frequency };
}

/** The options of a thumbnail; as `convertOptions`. */
export const thumbnailOptions = (options: Readonly<Record<string, unknown>>): ThumbnailOptions => parsed(thumbnail, options);
