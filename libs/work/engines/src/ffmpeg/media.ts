/** A film's picture, as it is shown: turned, with square pixels. */
export interface Picture {
  /** Index of its stream. */
  readonly index: number;
  /** ffprobe's name of the codec. */
  readonly codec: string;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** False when its pixels are not square and `width` says how wide it is shown. */
  readonly square: boolean;
  /** Frames a second on average; 0 when unknown. */
  readonly fps: number;
  /** The rate that all its times fit into; for files that count milliseconds as much as 1000. */
  readonly baseFps: number;
}

export interface Sound {
  readonly index: number;
  readonly codec: string;
  readonly channels: number;
  /** Hz. */
  readonly sampleRate: number;
  /** Seconds, where the file says it of the stream. */
  readonly duration?: number;
}

/** What a file holds, by ffprobe. */
export interface Media {
  /** Its reader. */
  readonly demuxer: string;
  /** Seconds; absent when the file does not say. */
  readonly duration?: number;
  /** Streams of any kind. */
  readonly streams: number;
  /** The first picture that moves; covers of albums do not count. */
  readonly picture?: Picture;
  readonly sounds: readonly Sound[];
}
