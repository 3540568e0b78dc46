/** How ffmpeg is asked for one output format. */
export interface Container {
  /** ffmpeg's name. */
  readonly muxer: string;
  readonly flags?: readonly string[];
  /** True when its index can be put first. */
  readonly faststart?: boolean;
  /** True when players find more than one track of sound in it. */
  readonly manySounds?: boolean;
}

const TS: Container = { muxer: 'mpegts', manySounds: true };

/** By output format. */
export const CONTAINERS: Readonly<Record<string, Container>> = {
  mp4: { muxer: 'mp4', faststart: true, manySounds: true },
  m4v: { muxer: 'ipod', faststart: true, manySounds: true },
  mov: { muxer: 'mov', faststart: true, manySounds: true },
  mkv: { muxer: 'matroska', manySounds: true },
  webm: { muxer: 'webm', manySounds: true },
  avi: { muxer: 'avi' },
  wmv: { muxer: 'asf' },
  flv: { muxer: 'flv' },
  mpg: { muxer: 'mpeg' },
  ts: TS,
  m2ts: { ...TS, flags: ['-mpegts_m2ts_mode', '1'] },
  '3gp': { muxer: '3gp', faststart: true },
  '3g2': { muxer: '3g2', faststart: true },
  ogv: { muxer: 'ogv' },
  gif: { muxer: 'gif' },
  mp3: { muxer: 'mp3' },
  wav: { muxer: 'wav' },
  flac: { muxer: 'flac' },
  m4a: { muxer: 'ipod', faststart: true },
  aac: { muxer: 'adts' },
  ogg: { muxer: 'ogg' },
  oga: { muxer: 'oga' },
  opus: { muxer: 'opus' },
  wma: { muxer: 'asf' },
  aiff: { muxer: 'aiff' },
  ac3: { muxer: 'ac3' },
  mp2: { muxer: 'mp2' },
  mka: { muxer: 'matroska', manySounds: true },
  caf: { muxer: 'caf' },
  au: { muxer: 'au' },
};

const OGG_TYPES: Readonly<Record<string, string>> = { vorbis: 'ogg', opus: 'opus', flac: 'oga' };

/** What a file looks like whose first bytes do not reach to what it holds: long titles and headers stand before it. */
const BROADER: Readonly<Record<string, string>> = { wmv: 'asf', wma: 'asf', mka: 'mkv' };

/**
 * The type that the content of an output must show. An Ogg file of sound is told by its codec, not by its extension.
 * @param seen the type that it does show.
 */
export function contentType(format: string, audioCodec: string | undefined, seen: string | undefined): string {
  if (format === 'ogg' || format === 'oga') return OGG_TYPES[audioCodec ?? ''] ?? 'ogg';
  return seen !== undefined && BROADER[format] === seen ? seen : format;
}
