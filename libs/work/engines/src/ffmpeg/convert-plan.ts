import { AUDIO_FORMATS, VIDEO_FORMATS } from '@millrace/catalog';
import { planAudio, type AudioPlan } from './audio-plan';
import { CONTAINERS, type Container } from './containers';
import type { Media } from './media';
import type { ConvertOptions } from './options';
import { refuse } from './refuse';
import { inWords } from './times';
import { planVideo, type VideoPlan } from './video-plan';

/** One conversion, with everything decided. */
export interface ConvertPlan {
  readonly format: string;
  readonly container: Container;
  readonly video?: VideoPlan;
  readonly audio?: AudioPlan;
  /** Seconds into the input at which it begins. */
  readonly start?: number;
  /** Seconds of the input that are used; to its end where absent. */
  readonly length?: number;
  /** Seconds the output is expected to last; absent when unknown. */
  readonly expected?: number;
  readonly faststart: boolean;
  readonly stripMetadata: boolean;
}

/**
 * Decides how `media` becomes what the options ask for.
 * @throws Failure INVALID_INPUT when they do not fit together, LIMIT_EXCEEDED when the output would be too much work.
 */
export function planConversion(media: Media, options: ConvertOptions, filename: string): ConvertPlan {
  const { output_format: format, trim_start: start, trim_end: end } = options;
  const holds = { ...VIDEO_FORMATS, ...AUDIO_FORMATS }[format];
  const container = CONTAINERS[format];
  if (!holds || !container) throw refuse(`ffmpeg does not make ${format}`);
  if (start && media.duration !== undefined && start >= media.duration) throw refuse(`The trim_start lies behind the end of ${filename}, which lasts ${inWords(media.duration)}`);
  const video = planVideo(format, holds, options, media, filename);
  const audio = planAudio(format, holds, container, options, media, filename);
  const length = end == null ? undefined : end - (start ?? 0);
  return {
    format,
    container,
    video,
    audio,
    ...(start && { start }),
    length,
    expected: expectedSeconds(video ? media.duration : (audio?.duration ?? media.duration), start ?? 0, length),
    faststart: options.faststart ?? true,
    stripMetadata: options.strip_metadata ?? false,
  };
}

function expectedSeconds(duration: number | undefined, start: number, length = Infinity): number | undefined {
  return duration === undefined ? undefined : Math.max(0, Math.min(duration - start, length));
}
