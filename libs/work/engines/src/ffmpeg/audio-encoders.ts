/** How ffmpeg is asked for one audio codec. */
export interface AudioEncoder {
  /** ffmpeg's name; PCM's depends on the format. */
  readonly encoder: string;
  readonly maxChannels: number;
  /** Hz that it can do; any where absent. */
  readonly rates?: readonly number[];
  /** The arguments without a bit rate asked for; absent for codecs without loss, which have none. */
  readonly quality?: (channels: number, rate: number) => string[];
}

const MPEG_RATES = [16_000, 22_050, 24_000, 32_000, 44_100, 48_000];
const LAME_RATES = [8_000, 11_025, 12_000, ...MPEG_RATES];
const AAC_RATES = [7_350, ...LAME_RATES, 64_000, 88_200, 96_000];
const OPUS_RATES = [8_000, 12_000, 16_000, 24_000, 48_000];
const kbits = (rate: number) => () => ['-b:a', `${rate}k`];
/** 128 kbit/s for two channels, and in proportion. */
const perChannel = (channels: number) => ['-b:a', `${64 * Math.max(2, channels)}k`];

const wma = (encoder: string): AudioEncoder => ({ encoder, maxChannels: 2, rates: LAME_RATES, quality: kbits(128) });
const pcm = (encoder: string): AudioEncoder => ({ encoder, maxChannels: 8 });

/** By the names of the catalog. */
const ENCODERS: Readonly<Record<string, AudioEncoder>> = {
  aac: { encoder: 'aac', maxChannels: 8, rates: AAC_RATES, quality: perChannel },
  mp3: { encoder: 'libmp3lame', maxChannels: 2, rates: LAME_RATES, quality: kbits(128) },
  // Below 32 kHz it is another table of bit rates, which ends at 160.
  mp2: { encoder: 'mp2', maxChannels: 2, rates: MPEG_RATES, quality: (_, rate) => ['-b:a', rate < 32_000 ? '96k' : '192k'] },
  opus: { encoder: 'libopus', maxChannels: 8, rates: OPUS_RATES, quality: perChannel },
  vorbis: { encoder: 'libvorbis', maxChannels: 8, quality: () => ['-q:a', '4'] },
  ac3: { encoder: 'ac3', maxChannels: 6, rates: [32_000, 44_100, 48_000], quality: (channels) => ['-b:a', channels > 2 ? '448k' : '192k'] },
  flac: { encoder: 'flac', maxChannels: 8 },
  alac: { encoder: 'alac', maxChannels: 8 },
  wmav2: wma('wmav2'),
  wmav1: wma('wmav1'),
};

const BIG_ENDIAN = new Set(['aiff', 'au']);

/** The encoder of `codec` in `format`. */
export function audioEncoder(codec: string, format: string): AudioEncoder {
  if (codec === 'pcm') return pcm(BIG_ENDIAN.has(format) ? 'pcm_s16be' : 'pcm_s16le');
  const found = ENCODERS[codec];
  if (!found) throw new RangeError(`no encoder is known for ${codec}`);
  // Flash has three sampling rates for MP3 (FLV file format 10.1, E.4.2.1).
  return codec === 'mp3' && format === 'flv' ? { ...found, rates: [11_025, 22_050, 44_100] } : found;
}

/** The rate of `rates` that loses least of `wanted`. */
export function nearestRate(rates: readonly number[] | undefined, wanted: number): number {
  if (!rates || rates.includes(wanted)) return wanted;
  return rates.toSorted((a, b) => a - b).find((rate) => rate > wanted) ?? Math.max(...rates);
}
