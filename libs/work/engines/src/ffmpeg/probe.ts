import { Failure } from '@millrace/failures';
import type { InputFile, TaskContext } from '@millrace/engine-kit';
import type { RunLimits, Sandbox } from '@millrace/sandbox';
import { z } from 'zod';
import { assertEnded, wallMsOf } from '../outcome';
import { demuxerOf, fileUrl, pinned } from './demuxers';
import { unreadable } from './ffmpeg-errors';
import type { Media, Picture, Sound } from './media';

const NAME = 'ffmpeg';
const LIMITS = { outputBytes: 1, openFiles: 64, processes: 64, memoryBytes: 1024 ** 3 };
/** A file that shows what it holds shows it in far less. */
const WALL_MS = 60_000;
/** Streams of one file. */
const MOST_STREAMS = 64;
const ENTRIES = [
  'format=duration,nb_streams',
  'stream=index,codec_type,codec_name,width,height,sample_aspect_ratio,avg_frame_rate,r_frame_rate,duration,channels,sample_rate',
  'stream_disposition=attached_pic',
  'stream_side_data=rotation',
].join(':');

const stream = z.object({
  index: z.number(),
  codec_type: z.string().optional(),
  codec_name: z.string().default('unknown'),
  width: z.number().default(0),
  height: z.number().default(0),
  sample_aspect_ratio: z.string().default('1:1'),
  avg_frame_rate: z.string().default('0/0'),
  r_frame_rate: z.string().default('0/0'),
  duration: z.coerce.number().optional(),
  channels: z.number().default(0),
  sample_rate: z.coerce.number().default(0),
  disposition: z.object({ attached_pic: z.number().default(0) }).default({ attached_pic: 0 }),
  side_data_list: z.array(z.object({ rotation: z.coerce.number().default(0) })).default([]),
});
const answer = z.object({ streams: z.array(stream), format: z.object({ duration: z.coerce.number().optional(), nb_streams: z.number() }) });
type Stream = z.output<typeof stream>;

/** The value of `a/b` or `a:b`; 0 when it has none. */
function ratio(text: string): number {
  const [a = 0, b = 1] = text.split(/[/:]/).map(Number);
  return a > 0 && b > 0 ? a / b : 0;
}

const positive = (value: number | undefined): number | undefined => (value !== undefined && value > 0 ? value : undefined);

function pictureOf({ index, codec_name: codec, width, height, sample_aspect_ratio, avg_frame_rate, r_frame_rate, side_data_list }: Stream): Picture {
  const pixel = ratio(sample_aspect_ratio) || 1;
  const shown = Math.max(1, Math.round(width * pixel));
  const turned = side_data_list.some(({ rotation }) => Math.abs(rotation) % 180 === 90);
  const size = turned ? { width: height, height: shown } : { width: shown, height };
  return { index, codec, ...size, square: pixel === 1, fps: ratio(avg_frame_rate), baseFps: ratio(r_frame_rate) };
}

function mediaOf(demuxer: string, { streams, format }: z.output<typeof answer>): Media {
  const moving = streams.find(({ codec_type, disposition, width, height }) => codec_type === 'video' && !disposition.attached_pic && width > 0 && height > 0);
  const sounds = streams
    .filter(({ codec_type, channels, sample_rate }) => codec_type === 'audio' && channels > 0 && sample_rate > 0)
    .map(({ index, codec_name: codec, channels, sample_rate: sampleRate, duration }): Sound => ({ index, codec, channels, sampleRate, duration: positive(duration) }));
  return { demuxer, duration: positive(format.duration), streams: format.nb_streams, ...(moving && { picture: pictureOf(moving) }), sounds };
}

/**
 * Looks into `input`, once, inside the jail, as what its content was found to be.
 * @throws Failure INVALID_INPUT when it is no film or sound or is damaged, LIMIT_EXCEEDED for too many streams.
 */
export async function probe(sandbox: Sandbox, input: InputFile, ctx: TaskContext): Promise<Media & { readonly path: string }> {
  const { path, filename, size, type } = input;
  if (size === 0) throw new Failure('INVALID_INPUT', `The file ${filename} is empty`);
  const demuxer = demuxerOf(type);
  if (!path || !demuxer) throw new Failure('INVALID_INPUT', `The file ${filename} is no film or sound that can be read: its content is ${type ?? 'of no known type'}`);
  const limits: RunLimits = { ...LIMITS, wallMs: Math.min(WALL_MS, wallMsOf(ctx)) };
  const argv = ['ffprobe', '-hide_banner', '-v', 'error', ...pinned(demuxer), '-print_format', 'json=compact=1', '-show_entries', ENTRIES, fileUrl(path)];
  const result = await sandbox.run({ argv, ro: [{ from: path }], rw: [], limits }, { signal: ctx.signal });
  assertEnded(NAME, result, limits, ctx);
  if (result.exitCode !== 0) throw unreadable(filename, result.stderr);
  const parsed = answer.safeParse(jsonOf(result.stdout));
  if (!parsed.success) throw new Failure('LIMIT_EXCEEDED', `The file ${filename} describes itself at greater length than the limit allows`, { cause: parsed.error });
  const media = mediaOf(demuxer, parsed.data);
  if (media.streams > MOST_STREAMS) throw new Failure('LIMIT_EXCEEDED', `The file ${filename} holds ${media.streams} streams; the limit is ${MOST_STREAMS}`);
  if (!media.picture && media.sounds.length === 0) throw unreadable(filename, result.stderr);
  return { ...media, path };
}

/** Undefined for an answer that was cut, because it was longer than is kept. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
