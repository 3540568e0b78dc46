import type { MediaFormat } from '@millrace/catalog';
import { audioEncoder, nearestRate, type AudioEncoder } from './audio-encoders';
import type { Container } from './containers';
import type { Media, Sound } from './media';
import type { ConvertOptions } from './options';
import { assertAbsent, refuse } from './refuse';

/** What is done with the sound; all streams alike. */
export interface AudioPlan {
  /** Indexes of the streams in the input. */
  readonly streams: readonly number[];
  /** The catalog's name of the codec, or of the copied stream's. */
  readonly name: string;
  /** `copy`, or ffmpeg's name of an encoder. */
  readonly codec: string;
  readonly settings: readonly string[];
  /** To force. */
  readonly channels?: number;
  /** To force, Hz. */
  readonly rate?: number;
  /** A factor. */
  readonly volume?: number;
  /** Seconds of the first stream, where the file says it. */
  readonly duration?: number;
}

const OPTIONS = ['audio_bitrate', 'sample_rate', 'channels', 'volume'] as const;
const MOST_SOUNDS = 16;

/**
 * What becomes of the sound in `format`; undefined when there is to be none.
 * @throws Failure INVALID_INPUT when a format of sound gets none, or the options do not fit.
 */
export function planAudio(format: string, { video, audio }: MediaFormat, container: Container, options: ConvertOptions, media: Media, filename: string): AudioPlan | undefined {
  if (!audio) {
    assertAbsent({ ...options, audio_codec: options.audio_codec === 'none' ? null : options.audio_codec }, ['audio_codec', ...OPTIONS], `The format ${format} has no sound`);
    return undefined;
  }
  const name = options.audio_codec ?? audio[0];
  const valid = [...audio, 'copy', ...(video ? ['none'] : [])];
  if (!valid.includes(name)) throw refuse(`The format ${format} cannot hold the audio codec ${name}. Valid values: ${valid.join(', ')}`);
  if (name === 'none') {
    assertAbsent(options, OPTIONS, 'Without sound nothing is to be done to it');
    return undefined;
  }
  const sounds = media.sounds.slice(0, container.manySounds ? MOST_SOUNDS : 1);
  const [first] = sounds;
  if (!first) {
    if (!video) throw refuse(`The file ${filename} has no sound; it cannot become ${format}`);
    return undefined;
  }
  const streams = sounds.map(({ index }) => index);
  if (name !== 'copy') return { streams, name, duration: first.duration, ...encoded(name, format, sounds, options) };
  assertAbsent(options, OPTIONS, 'A copied sound stays as it is');
  return { streams, name: first.codec, codec: 'copy', settings: [], duration: first.duration };
}

function encoded(name: string, format: string, sounds: readonly Sound[], options: ConvertOptions): Pick<AudioPlan, 'codec' | 'settings' | 'channels' | 'rate' | 'volume'> {
  const encoder = audioEncoder(name, format);
  const channels = channelsOf(name, encoder, sounds, options);
  const rate = rateOf(name, encoder, sounds, options);
  return {
    codec: encoder.encoder,
    settings: bitrate(name, encoder, channels ?? Math.max(...sounds.map((sound) => sound.channels)), rate ?? sounds[0]!.sampleRate, options),
    channels,
    rate,
    ...(options.volume != null && { volume: options.volume }),
  };
}

function channelsOf(name: string, { maxChannels }: AudioEncoder, sounds: readonly Sound[], { channels }: ConvertOptions): number | undefined {
  if (channels != null && channels > maxChannels) throw refuse(`The audio codec ${name} has at most ${maxChannels} channels`);
  return channels ?? (sounds.some((sound) => sound.channels > maxChannels) ? maxChannels : undefined);
}

function rateOf(name: string, { rates }: AudioEncoder, sounds: readonly Sound[], { sample_rate: asked }: ConvertOptions): number | undefined {
  if (asked != null) {
    if (rates && !rates.includes(asked)) throw refuse(`The audio codec ${name} cannot do a sample_rate of ${asked}. Valid values: ${rates.join(', ')}`);
    return asked;
  }
  const odd = sounds.find(({ sampleRate }) => rates && !rates.includes(sampleRate));
  return odd && nearestRate(rates, odd.sampleRate);
}

function bitrate(name: string, { quality }: AudioEncoder, channels: number, rate: number, { audio_bitrate: asked }: ConvertOptions): string[] {
  if (asked == null) return quality?.(channels, rate) ?? [];
  if (!quality) throw refuse(`The audio codec ${name} has no bit rate: leave out audio_bitrate`);
  return ['-b:a', `${asked}k`];
}
