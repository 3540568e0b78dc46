import path from 'node:path';
import ffmpeg from 'fluent-ffmpeg';
import { Failure } from '@millrace/failures';
import type { InputFile, LocalOutput, TaskContext } from '@millrace/engine-kit';
import type { Sandbox } from '@millrace/sandbox';
import { outputName } from '../output-name';
import { fileUrl, pinned } from './demuxers';
import { unreadable } from './ffmpeg-errors';
import { reshape } from './frame-size';
import type { Media, Picture } from './media';
import { thumbnailOptions, type ThumbnailOptions } from './options';
import { ProgressReader } from './progress';
import { refuse } from './refuse';
import { runFfmpeg } from './run-ffmpeg';
import { inWords } from './times';
import { found } from './produced';

/** Pictures of one film. */
const MOST = 100;
/** Pixels of the box that a thumbnail fits where no size is asked for, as for images and pages. */
const SIDE = 300;
const ENCODERS = {
  png: ['-c:v', 'png', '-pix_fmt', 'rgb24'],
  jpg: ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-q:v', '3'],
  webp: ['-c:v', 'libwebp', '-pix_fmt', 'yuv420p', '-quality', '80'],
} as const;
/** A film's first frames are often black: this share of it, but no more than so many seconds, is passed over. */
const INTO_THE_FILM = { share: 0.1, seconds: 10 };

/**
 * The times of `count` pictures, in seconds: the one asked for, else a bit into the film; several are spread evenly over what follows.
 * @throws Failure INVALID_INPUT for a time behind the end.
 */
export function timesOf({ timestamp, count }: Pick<ThumbnailOptions, 'timestamp' | 'count'>, duration = 0): number[] {
  if (timestamp != null && duration > 0 && timestamp >= duration) throw refuse(`The timestamp lies behind the end of the film, which lasts ${inWords(duration)}`);
  const pictures = count ?? 1;
  if (pictures === 1) return [timestamp ?? Math.min(duration * INTO_THE_FILM.share, INTO_THE_FILM.seconds)];
  const start = timestamp ?? 0;
  const step = Math.max(0, duration - start) / pictures;
  return Array.from({ length: pictures }, (_, index) => start + step * (timestamp == null ? index + 0.5 : index));
}

/** One film of a task that makes thumbnails. */
export interface Film {
  readonly input: InputFile;
  readonly media: Media & { readonly path: string };
  /** So many pictures of other films come before its own. */
  readonly before: number;
  /** Told the share of the film's pictures that are made. */
  readonly tell: (share: number) => void;
}

/** Takes pictures out of a film. */
export async function thumbnails(sandbox: Sandbox, ctx: TaskContext, { input, media, before, tell }: Film, threads: number): Promise<LocalOutput[]> {
  const options = thumbnailOptions(ctx.options);
  const { picture } = media;
  if (!picture) throw refuse(`The file ${input.filename} has no picture, only sound`);
  if ((options.count ?? 1) > MOST) throw new Failure('LIMIT_EXCEEDED', `The count is more than the limit of ${MOST} pictures`);
  const times = timesOf(options, media.duration);
  const files: LocalOutput[] = [];
  for (const [index, time] of times.entries()) {
    const output = path.join(ctx.outDir, `${before + index}.${options.output_format}`);
    // The last frame may begin before the time asked for; the film's first one always exists.
    for (const at of new Set([time, Math.max(0, time - 1), 0])) {
      const args = thumbnailArguments(picture, options, { input: media.path, demuxer: media.demuxer, output, at });
      await runFfmpeg(sandbox, ctx, { args, input: { ...input, path: media.path }, format: options.output_format, threads, progress: new ProgressReader(undefined, () => undefined) });
      if (await found(output)) break;
    }
    if (!(await found(output))) throw unreadable(input.filename, 'no frame was found');
    const number = ctx.options['filename'] == null ? index : before + index;
    files.push({ path: output, filename: outputName(ctx, input, options.output_format, number, times.length), expect: options.output_format });
    tell((index + 1) / times.length);
  }
  return files;
}

interface ThumbnailRoute {
  readonly input: string;
  readonly demuxer: string;
  readonly output: string;
  /** Seconds. */
  readonly at: number;
}

/** The arguments of ffmpeg for one picture. */
export function thumbnailArguments(picture: Picture, options: ThumbnailOptions, { input, demuxer, output, at }: ThumbnailRoute): string[] {
  const box = options.width == null && options.height == null ? { width: SIDE, height: SIDE, fit: 'max' as const } : { ...options, fit: options.fit ?? 'max' };
  const change = reshape(picture, box, 1) ?? (picture.square ? undefined : { scale: { width: picture.width, height: picture.height } });
  const command = ffmpeg().input(fileUrl(input)).inputOptions(...pinned(demuxer), '-threads', '1').seekInput(at);
  if (change) {
    const { scale, crop } = change;
    command.videoFilters([`scale=${scale.width}:${scale.height}`, ...(crop ? [`crop=${crop.width}:${crop.height}`] : []), 'setsar=1']);
  }
  command.noAudio().frames(1).outputOptions('-map', `0:${picture.index}`, '-sn', '-dn', '-map_metadata', '-1', ...ENCODERS[options.output_format], '-update', '1', '-f', 'image2');
  return command.output(fileUrl(output))._getArguments();
}
