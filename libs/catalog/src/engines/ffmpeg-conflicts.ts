import type { Options } from '../declaration';
import { AUDIO_FORMATS, VIDEO_FORMATS, type MediaFormat } from './ffmpeg-formats';

const PICTURE = ['video_codec', 'crf', 'preset', 'fps', 'width', 'height', 'aspect_ratio', 'video_bitrate'];
const SOUND = ['audio_codec', 'audio_bitrate', 'sample_rate', 'audio_frequency', 'channels', 'volume'];

const both: Readonly<Record<string, MediaFormat>> = { ...VIDEO_FORMATS, ...AUDIO_FORMATS };

/** What an output format cannot have: options of a picture or a sound that it does not hold, and codecs that do not go into it. */
export function ffmpegConflicts(options: Options): Readonly<Record<string, string>> {
  const format = String(options.output_format);
  const holds = Object.hasOwn(both, format) ? both[format] : undefined;
  if (!holds) return {};
  return {
    ...(holds.video ? codec(format, 'video', holds.video, format === 'gif' ? [] : ['copy'], options) : absent(format, 'picture', PICTURE, options)),
    ...(holds.audio ? codec(format, 'audio', holds.audio, holds.video ? ['copy', 'none'] : ['copy'], options) : absent(format, 'sound', SOUND, options)),
  };
}

function codec(format: string, kind: 'video' | 'audio', codecs: readonly string[], more: readonly string[], options: Options): Record<string, string> {
  const field = `${kind}_codec`;
  const asked = options[field];
  const valid = [...codecs, ...more];
  if (typeof asked !== 'string' || valid.includes(asked)) return {};
  return { [field]: `The format ${format} cannot hold the ${kind} codec ${asked}. Valid values: ${valid.join(', ')}.` };
}

function absent(format: string, what: string, names: readonly string[], options: Options): Record<string, string> {
  const present = names.filter((name) => options[name] !== undefined && !(name === 'audio_codec' && options[name] === 'none'));
  return Object.fromEntries(present.map((name) => [name, `The format ${format} has no ${what}.`]));
}
