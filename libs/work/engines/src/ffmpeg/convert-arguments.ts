import ffmpeg from 'fluent-ffmpeg';
import type { AudioPlan } from './audio-plan';
import type { ConvertPlan } from './convert-plan';
import { fileUrl, pinned } from './demuxers';
import type { VideoPlan } from './video-plan';

type Command = ffmpeg.FfmpegCommand;

/** Where the bytes come from, and go to. */
export interface Route {
  /** Absolute path. */
  readonly input: string;
  readonly demuxer: string;
  /** Absolute path. */
  readonly output: string;
  readonly threads: number;
}

/** The arguments of ffmpeg for one conversion, without the program's name. */
export function convertArguments(plan: ConvertPlan, route: Route): string[] {
  const command = ffmpeg().input(fileUrl(route.input)).inputOptions(...pinned(route.demuxer), '-threads', String(route.threads));
  if (plan.start) command.seekInput(plan.start);
  if (plan.length !== undefined) command.inputOptions('-t', String(plan.length));
  if (plan.video) setVideo(command, plan.video);
  else command.noVideo();
  if (plan.audio) setAudio(command, plan.audio);
  else command.noAudio();
  // Subtitles, data and attachments of the input go nowhere.
  command.outputOptions('-sn', '-dn', '-threads', String(route.threads));
  if (plan.stripMetadata) command.outputOptions('-map_metadata', '-1', '-map_chapters', '-1');
  if (plan.container.faststart && plan.faststart) command.outputOptions('-movflags', '+faststart');
  // Players of Apple take H.265 in their own files under this name only.
  if (plan.video?.codec === 'libx265' && plan.container.faststart) command.outputOptions('-tag:v', 'hvc1');
  command.outputOptions(...(plan.container.flags ?? []), '-f', plan.container.muxer).output(fileUrl(route.output));
  return command._getArguments();
}

function setVideo(command: Command, { stream, codec, settings, filters, fps }: VideoPlan): void {
  command.outputOptions('-map', `0:${stream}`).videoCodec(codec);
  if (fps !== undefined) command.fps(fps);
  if (filters.length > 0) command.videoFilters([...filters]);
  if (settings.length > 0) command.outputOptions(...settings);
}

function setAudio(command: Command, { streams, codec, settings, channels, rate, volume }: AudioPlan): void {
  for (const stream of streams) command.outputOptions('-map', `0:${stream}`);
  command.audioCodec(codec);
  if (channels !== undefined) command.audioChannels(channels);
  if (rate !== undefined) command.audioFrequency(rate);
  if (volume !== undefined) command.audioFilters(`volume=${volume}`);
  if (settings.length > 0) command.outputOptions(...settings);
}
