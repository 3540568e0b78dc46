/** How ffmpeg is asked for one video codec. */
export interface VideoEncoder {
  /** ffmpeg's name. */
  readonly encoder: string;
  readonly pixelFormat: string;
  /** Constant quality by a rate factor, where the encoder has it. */
  readonly crf?: { readonly min: number; readonly max: number; readonly default: number };
  /** Constant quality by a quantiser, for encoders without a rate factor. */
  readonly quantiser?: number;
  /** The arguments of a preset, where the encoder has any. */
  readonly preset?: (name: string) => string[];
  /** Always. */
  readonly extra?: readonly string[];
  /** Bit rate arguments that go with a crf alone, and with both (kbit/s). */
  readonly capped?: (kbits: number | undefined) => string[];
}

/** Fastest first, as x264 names them. */
const PRESETS = ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow', 'slower', 'veryslow'];
const x26x = (name: string): string[] => ['-preset', name];
/** From 8 (fastest) to 0. */
const vpx = (name: string): string[] => ['-deadline', 'good', '-cpu-used', String(8 - PRESETS.indexOf(name))];
/** From 12 (fastest) to 4; below, it takes hours. */
const svt = (name: string): string[] => ['-preset', String(12 - PRESETS.indexOf(name))];
const vbv = (kbits: number | undefined): string[] => (kbits ? ['-maxrate', `${kbits}k`, '-bufsize', `${2 * kbits}k`] : []);

const byQuantiser = (encoder: string, quantiser: number, pixelFormat = 'yuv420p'): VideoEncoder => ({ encoder, pixelFormat, quantiser });

/** By the names of the catalog. */
export const VIDEO_ENCODERS: Readonly<Record<string, VideoEncoder>> = {
  x264: { encoder: 'libx264', pixelFormat: 'yuv420p', crf: { min: 0, max: 51, default: 23 }, preset: x26x, capped: vbv },
  x265: { encoder: 'libx265', pixelFormat: 'yuv420p', crf: { min: 0, max: 51, default: 28 }, preset: x26x, capped: vbv, extra: ['-x265-params', 'log-level=error'] },
  vp9: { encoder: 'libvpx-vp9', pixelFormat: 'yuv420p', crf: { min: 0, max: 63, default: 32 }, preset: vpx, capped: (kbits) => ['-b:v', `${kbits ?? 0}k`], extra: ['-row-mt', '1'] },
  // Without a bit rate of its own VP8 takes 200 kbit/s, whatever the quality asked for.
  vp8: { encoder: 'libvpx', pixelFormat: 'yuv420p', crf: { min: 4, max: 63, default: 10 }, preset: vpx, capped: (kbits) => ['-b:v', `${kbits ?? 20_000}k`] },
  av1: { encoder: 'libsvtav1', pixelFormat: 'yuv420p', crf: { min: 1, max: 63, default: 35 }, preset: svt },
  mpeg4: byQuantiser('mpeg4', 4),
  mpeg2: byQuantiser('mpeg2video', 4),
  mpeg1: byQuantiser('mpeg1video', 4),
  theora: byQuantiser('libtheora', 7),
  mjpeg: byQuantiser('mjpeg', 4, 'yuvj420p'),
  wmv2: byQuantiser('wmv2', 4),
  wmv1: byQuantiser('wmv1', 4),
  msmpeg4: byQuantiser('msmpeg4', 4),
  flv1: byQuantiser('flv', 4),
  prores: { encoder: 'prores_ks', pixelFormat: 'yuv422p10le' },
  gif: { encoder: 'gif', pixelFormat: 'pal8' },
};
