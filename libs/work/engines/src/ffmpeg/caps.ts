import { Failure } from '@millrace/failures';
import type { Media } from './media';
import { inWords } from './times';

/** Pixels of one frame: 8K with some room. */
const FRAME_PIXELS = 7680 * 4800;
/** Frames a second. */
const FPS = 1000;
/** Pixels of all frames: three hours of 4K at 60 frames a second. */
const FILM_PIXELS = 3 * 3600 * 60 * 3840 * 2160;
/** Seconds: ten days. */
const DURATION_S = 10 * 24 * 3600;

const count = (value: number): string => Math.round(value).toLocaleString('en');

/** What is to be decoded or encoded. */
export interface Extent {
  readonly width: number;
  readonly height: number;
  /** Frames a second; 0 when unknown. */
  readonly fps: number;
  /** Seconds; absent when unknown, then the task's time and output limits bound it. */
  readonly duration?: number;
}

/** @throws Failure LIMIT_EXCEEDED when a film of this extent is too much work; `what` names it. */
export function assertBounded(what: string, { width, height, fps, duration = 0 }: Extent): void {
  if (width * height > FRAME_PIXELS) throw new Failure('LIMIT_EXCEEDED', `${what} has ${count(width)} x ${count(height)} pixels; the limit is ${count(FRAME_PIXELS)} pixels a frame`);
  if (fps > FPS) throw new Failure('LIMIT_EXCEEDED', `${what} has ${count(fps)} frames a second; the limit is ${FPS}`);
  if (duration > DURATION_S) throw new Failure('LIMIT_EXCEEDED', `${what} lasts ${inWords(duration)}; the limit is ${count(DURATION_S)}`);
  if (width * height * fps * duration > FILM_PIXELS) {
    throw new Failure('LIMIT_EXCEEDED', `${what} is too much work: ${width} x ${height} pixels, ${count(fps)} frames a second, ${inWords(duration)}`);
  }
}

/** @throws Failure LIMIT_EXCEEDED when the file is too much work to read. */
export function assertReadable(filename: string, { picture, duration }: Media): void {
  assertBounded(`The file ${filename}`, { width: picture?.width ?? 0, height: picture?.height ?? 0, fps: picture?.fps ?? 0, duration });
}
