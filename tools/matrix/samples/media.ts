import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from './run';

const SECONDS = '1.2';
const PICTURE = ['-f', 'lavfi', '-i', `testsrc2=size=160x120:rate=25:duration=${SECONDS}`];
const SOUND = ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=44100:duration=${SECONDS}`];

/** Encoders where ffmpeg's own choice for the ending is not the usual one, or is none. */
const AUDIO: Readonly<Record<string, readonly string[]>> = {
  mp3: [],
  wav: [],
  flac: [],
  ogg: ['-c:a', 'libvorbis'],
  oga: ['-c:a', 'libvorbis'],
  opus: ['-c:a', 'libopus'],
  aac: [],
  m4a: [],
  m4b: ['-f', 'ipod'],
  wma: [],
  aiff: [],
  ac3: [],
  eac3: [],
  mp2: [],
  mka: [],
  caf: [],
  au: [],
  wv: [],
  tta: [],
  voc: [],
  w64: [],
  spx: ['-c:a', 'libspeex'],
  weba: ['-f', 'webm', '-c:a', 'libopus'],
};

const H264 = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
const VIDEO: Readonly<Record<string, readonly string[]>> = {
  gif: ['-an'],
  mp4: H264,
  m4v: H264,
  mov: H264,
  mkv: H264,
  ts: [...H264, '-f', 'mpegts'],
  mts: [...H264, '-f', 'mpegts'],
  m2ts: [...H264, '-f', 'mpegts', '-mpegts_m2ts_mode', '1'],
  '3gp': ['-s', '176x144', '-c:v', 'h263', '-ar', '8000', '-ac', '1', '-c:a', 'aac'],
  '3g2': [...H264, '-f', '3g2'],
  webm: ['-c:v', 'libvpx-vp9', '-c:a', 'libopus'],
  ogv: ['-c:v', 'libtheora', '-c:a', 'libvorbis'],
  avi: ['-c:v', 'mpeg4', '-c:a', 'libmp3lame'],
  wmv: ['-c:v', 'wmv2', '-c:a', 'wmav2'],
  asf: ['-c:v', 'wmv2', '-c:a', 'wmav2'],
  flv: ['-c:v', 'flv', '-c:a', 'libmp3lame'],
  f4v: [...H264, '-f', 'f4v'],
  mpg: ['-c:v', 'mpeg2video', '-c:a', 'mp2', '-f', 'mpeg'],
  mpeg: ['-c:v', 'mpeg2video', '-c:a', 'mp2', '-f', 'mpeg'],
  vob: ['-c:v', 'mpeg2video', '-c:a', 'mp2', '-f', 'vob'],
  mxf: ['-c:v', 'mpeg2video', '-c:a', 'pcm_s16le', '-ar', '48000'],
  dv: ['-s', '720x576', '-r', '25', '-c:v', 'dvvideo', '-ar', '48000', '-ac', '2', '-c:a', 'pcm_s16le', '-pix_fmt', 'yuv420p'],
};

/** RFC 4867: the magic, then a frame of 20 ms each, in the lowest mode. No encoder of it comes with Debian's ffmpeg. */
const AMR = Buffer.concat([Buffer.from('#!AMR\n'), ...Array.from({ length: 60 }, () => Buffer.concat([Buffer.of(0x04), Buffer.alloc(12)]))]);

/** Makes a sample of a film or of sound, 1.2 s long; undefined for a format that nothing here makes. */
export async function mediaSample(format: string, folder: string): Promise<string | undefined> {
  if (format === 'amr') {
    const file = path.join(folder, 'sample.amr');
    await writeFile(file, AMR);
    return file;
  }
  const inputs = AUDIO[format] ? SOUND : VIDEO[format] ? [...PICTURE, ...SOUND] : undefined;
  if (!inputs) return undefined;
  const file = path.join(folder, `sample.${format}`);
  await run('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...inputs, ...(AUDIO[format] ?? VIDEO[format]!), file]);
  return file;
}
