/** What one output format of ffmpeg can hold, by the names customers use; the first of each is the default. `copy` is always possible. */
export interface MediaFormat {
  /** Absent where there is no picture. */
  readonly video?: readonly [string, ...string[]];
  /** Absent where there is no sound. */
  readonly audio?: readonly [string, ...string[]];
}

const MP4: MediaFormat = { video: ['x264', 'x265', 'av1', 'mpeg4'], audio: ['aac', 'mp3', 'ac3', 'opus'] };
const THREE_GP: MediaFormat = { video: ['x264', 'mpeg4'], audio: ['aac'] };
const TRANSPORT: MediaFormat = { video: ['x264', 'x265', 'mpeg2'], audio: ['aac', 'mp3', 'mp2', 'ac3'] };

/** Formats with a picture. */
export const VIDEO_FORMATS: Readonly<Record<string, MediaFormat>> = {
  mp4: MP4,
  m4v: { video: ['x264', 'mpeg4'], audio: ['aac', 'ac3'] },
  mov: { video: ['x264', 'x265', 'mpeg4', 'mjpeg', 'prores'], audio: ['aac', 'mp3', 'ac3', 'alac', 'pcm'] },
  mkv: { video: ['x264', 'x265', 'vp8', 'vp9', 'av1', 'mpeg4', 'mpeg2', 'theora', 'mjpeg'], audio: ['aac', 'mp3', 'opus', 'vorbis', 'flac', 'ac3', 'pcm'] },
  webm: { video: ['vp9', 'vp8', 'av1'], audio: ['opus', 'vorbis'] },
  avi: { video: ['x264', 'mpeg4', 'mpeg2', 'mjpeg'], audio: ['mp3', 'mp2', 'ac3', 'pcm'] },
  wmv: { video: ['wmv2', 'wmv1', 'msmpeg4'], audio: ['wmav2', 'wmav1', 'mp3'] },
  flv: { video: ['x264', 'flv1'], audio: ['aac', 'mp3'] },
  mpg: { video: ['mpeg2', 'mpeg1'], audio: ['mp2', 'mp3', 'ac3'] },
  ts: TRANSPORT,
  m2ts: TRANSPORT,
  '3gp': THREE_GP,
  '3g2': THREE_GP,
  ogv: { video: ['theora'], audio: ['vorbis', 'opus', 'flac'] },
  gif: { video: ['gif'] },
};

/** Formats of sound alone. */
export const AUDIO_FORMATS: Readonly<Record<string, MediaFormat>> = {
  mp3: { audio: ['mp3'] },
  wav: { audio: ['pcm', 'mp3', 'ac3'] },
  flac: { audio: ['flac'] },
  m4a: { audio: ['aac', 'alac', 'ac3'] },
  aac: { audio: ['aac'] },
  ogg: { audio: ['vorbis', 'opus', 'flac'] },
  oga: { audio: ['vorbis', 'opus', 'flac'] },
  opus: { audio: ['opus'] },
  wma: { audio: ['wmav2', 'wmav1'] },
  aiff: { audio: ['pcm'] },
  ac3: { audio: ['ac3'] },
  mp2: { audio: ['mp2'] },
  mka: { audio: ['aac', 'mp3', 'opus', 'vorbis', 'flac', 'ac3', 'pcm'] },
  caf: { audio: ['pcm', 'alac', 'opus'] },
  au: { audio: ['pcm'] },
};

/** Formats that ffmpeg reads here and nothing here writes. */
export const READ_ONLY = { video: ['asf'], audio: ['amr', 'eac3', 'm4b', 'spx'] } as const;

const all = (formats: Readonly<Record<string, MediaFormat>>, kind: 'video' | 'audio'): string[] => [...new Set(Object.values(formats).flatMap((format) => format[kind] ?? []))];

export const VIDEO_CODECS: readonly string[] = all(VIDEO_FORMATS, 'video');
export const AUDIO_CODECS: readonly string[] = [...new Set([...all(VIDEO_FORMATS, 'audio'), ...all(AUDIO_FORMATS, 'audio')])];
