import type { MediaFormat } from '@millrace/catalog';
import { assertBounded } from './caps';
import { reshape, type Size } from './frame-size';
import type { Media, Picture } from './media';
import type { ConvertOptions } from './options';
import { assertAbsent, refuse } from './refuse';
import { VIDEO_ENCODERS, type VideoEncoder } from './video-encoders';

/** What is done with the picture. */
export interface VideoPlan {
  /** Index of the stream in the input. */
  readonly stream: number;
  /** `copy`, or ffmpeg's name of an encoder. */
  readonly codec: string;
  readonly settings: readonly string[];
  /** One filter chain, in ffmpeg's own notation; every part is a number or ours. */
  readonly filters: readonly string[];
  /** Frames a second to force. */
  readonly fps?: number;
}

const OPTIONS = ['crf', 'preset', 'fps', 'width', 'height', 'video_bitrate'] as const;
/** Frames a second of a gif, unless the film has fewer or the customer asks for others. */
const GIF_FPS = 15;
/** Above, a rate is the clock of the file rather than the film's, and writers of constant rates would fill it up with copies. */
const CLOCK_FPS = 120;
/** Bytes of frames that the search for one palette may hold at once. */
const PALETTE_BYTES = 256 * 1024 ** 2;

/**
 * What becomes of the film's picture in `format`; undefined when the format has none.
 * @throws Failure INVALID_INPUT when there is no picture or the options do not fit, LIMIT_EXCEEDED when the output would be too much work.
 */
export function planVideo(format: string, { video }: MediaFormat, options: ConvertOptions, media: Media, filename: string): VideoPlan | undefined {
  if (!video) {
    assertAbsent(options, ['video_codec', 'aspect_ratio', ...OPTIONS], `The format ${format} has no picture`);
    return undefined;
  }
  const { picture } = media;
  if (!picture) throw refuse(`The file ${filename} has no picture, only sound; it cannot become ${format}`);
  const name = options.video_codec ?? video[0];
  if (name === 'copy' && format !== 'gif') return copied(picture, options);
  if (!video.includes(name)) throw refuse(`The format ${format} cannot hold the video codec ${name}. Valid values: ${[...video, ...(format === 'gif' ? [] : ['copy'])].join(', ')}`);
  const encoder = VIDEO_ENCODERS[name]!;
  const settings = ['-pix_fmt', encoder.pixelFormat, ...quality(name, encoder, options), ...(encoder.extra ?? [])];
  return { stream: picture.index, codec: encoder.encoder, ...shaped(name, picture, media.duration, options), settings: name === 'gif' ? [] : settings };
}

function copied({ index }: Picture, options: ConvertOptions): VideoPlan {
  assertAbsent(options, OPTIONS, 'A copied picture stays as it is');
  return { stream: index, codec: 'copy', settings: options.aspect_ratio ? ['-aspect', options.aspect_ratio] : [], filters: [] };
}

/** Shape and rate. */
function shaped(name: string, picture: Picture, duration: number | undefined, options: ConvertOptions): Pick<VideoPlan, 'filters' | 'fps'> {
  const change = reshape(picture, options, name === 'gif' ? 1 : 2);
  const size = change?.crop ?? change?.scale ?? picture;
  const fps = rateOf(name, picture, options);
  assertBounded('The output', { width: size.width, height: size.height, fps: fps ?? picture.fps, duration });
  const filters = [
    ...(change ? [`scale=${change.scale.width}:${change.scale.height}`, ...(change.crop ? [`crop=${change.crop.width}:${change.crop.height}`] : []), 'setsar=1'] : []),
    ...(options.aspect_ratio ? [`setdar=${options.aspect_ratio.replace(':', '/')}`] : []),
  ];
  if (name !== 'gif') return { filters, ...(fps && { fps }) };
  return { filters: [`fps=${fps}`, ...filters, palette(size, (fps ?? 0) * (duration ?? Infinity))] };
}

function rateOf(name: string, picture: Picture, { fps }: ConvertOptions): number | undefined {
  if (fps != null) return fps;
  const source = picture.fps || picture.baseFps;
  if (name === 'gif') return Math.min(GIF_FPS, rounded(source) || GIF_FPS);
  return picture.baseFps > CLOCK_FPS && source > 0 ? Math.min(CLOCK_FPS, rounded(source)) : undefined;
}

const rounded = (fps: number): number => Math.round(fps * 1000) / 1000;

/** One palette for the whole film is best, but all its frames are held until it is found. */
function palette({ width, height }: Size, frames: number): string {
  const short = width * height * 4 * frames <= PALETTE_BYTES;
  return `split[a][b];[a]palettegen${short ? '' : '=stats_mode=single'}[p];[b][p]paletteuse${short ? '' : '=new=1'}`;
}

function quality(name: string, { crf, quantiser, preset, capped }: VideoEncoder, options: ConvertOptions): string[] {
  if (options.preset != null && !preset) throw refuse(`The video codec ${name} has no presets: leave out preset`);
  const speed = preset?.(options.preset ?? 'medium') ?? [];
  if (!crf) {
    if (options.crf != null) throw refuse(`The video codec ${name} has no crf; use video_bitrate`);
    if (options.video_bitrate != null) return [...speed, '-b:v', `${options.video_bitrate}k`];
    return quantiser === undefined ? speed : [...speed, '-q:v', String(quantiser)];
  }
  if (options.crf != null && (options.crf < crf.min || options.crf > crf.max)) throw refuse(`The crf of ${name} must be between ${crf.min} and ${crf.max}`);
  if (options.crf == null && options.video_bitrate != null) return [...speed, '-b:v', `${options.video_bitrate}k`];
  if (options.video_bitrate != null && !capped) throw refuse(`The video codec ${name} takes crf or video_bitrate, not both`);
  return [...speed, '-crf', String(options.crf ?? crf.default), ...(capped?.(options.video_bitrate ?? undefined) ?? [])];
}
