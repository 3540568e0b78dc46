import { z } from 'zod';
import type { EngineDeclaration } from '../declaration';
import { decimal, flag, integer, text } from '../fields';
import { ffmpegConflicts } from './ffmpeg-conflicts';
import { AUDIO_CODECS, AUDIO_FORMATS, READ_ONLY, VIDEO_CODECS, VIDEO_FORMATS } from './ffmpeg-formats';

const AUDIO = Object.keys(AUDIO_FORMATS);
const VIDEO = Object.keys(VIDEO_FORMATS);
const MOVING = [...VIDEO.filter((format) => format !== 'gif'), ...READ_ONLY.video];

/** Seconds, or hours, minutes and seconds with a colon between. */
const time = () => z.preprocess((value) => (typeof value === 'number' ? String(value) : value), text(32).regex(/^(?:(?:\d{1,3}:)?[0-5]?\d:[0-5]?\d|\d{1,7})(?:\.\d{1,6})?$/));

/** Longest side of a picture, pixels: 8K. */
const MAX_SIDE = 7680;

export const ffmpeg: EngineDeclaration = {
  name: 'ffmpeg',
  pool: 'media',
  group: 'video',
  conflicts: ffmpegConflicts,
  conversions: [
    { from: MOVING, to: [...VIDEO, ...AUDIO] },
    { from: ['gif'], to: VIDEO.filter((format) => format !== 'gif') },
    { from: [...AUDIO, ...READ_ONLY.audio], to: AUDIO, group: 'audio' },
  ],
  options: z.object({
    video_codec: z.enum([...VIDEO_CODECS, 'copy']).optional(),
    /** Lower is better and larger; how far it goes is the codec's: 51 for x264 and x265, 63 for vp8, vp9 and av1. */
    crf: integer(0, 63).optional(),
    preset: z.enum(['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow', 'slower', 'veryslow']).optional(),
    fps: decimal(1, 240).optional(),
    width: integer(2, MAX_SIDE).optional(),
    height: integer(2, MAX_SIDE).optional(),
    fit: z.enum(['max', 'crop', 'scale']).default('scale'),
    /** Of the picture as it is shown, such as 16:9. */
    aspect_ratio: text(16).regex(/^[1-9]\d{0,3}:[1-9]\d{0,3}$/).optional(),
    /** kbit/s; with a crf as well it is the most that is used. */
    video_bitrate: integer(8, 200_000).optional(),
    audio_codec: z.enum([...AUDIO_CODECS, 'copy', 'none']).optional(),
    /** kbit/s. */
    audio_bitrate: integer(8, 1536).optional(),
    /** Hz. */
    sample_rate: integer(4000, 192_000).optional(),
    /** The same as sample_rate. */
    audio_frequency: integer(4000, 192_000).optional(),
    channels: integer(1, 8).optional(),
    /** 1 leaves it as it is. */
    volume: decimal(0, 10).optional(),
    trim_start: time().optional(),
    trim_end: time().optional(),
    /** Puts the index of mp4, m4v, mov, m4a, 3gp and 3g2 first, so that they play while they load. */
    faststart: flag().default(true),
    strip_metadata: flag().default(false),
    subtitles_mode: z.enum(['none']).default('none'),
  }),
};
