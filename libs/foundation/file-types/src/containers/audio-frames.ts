import { has } from '../bytes';

/** kbit/s by index, MPEG-1 layers II and III, then MPEG-2 and 2.5 of both (ISO/IEC 11172-3 §2.4.2.3, 13818-3 §2.4.2.3). */
const BITRATES = {
  one: { 2: [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384], 3: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320] },
  two: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;
/** Hz by version bits and index. */
const RATES: Readonly<Record<number, readonly number[]>> = { 0: [11_025, 12_000, 8_000], 2: [22_050, 24_000, 16_000], 3: [44_100, 48_000, 32_000] };

interface Frame {
  readonly ext: string;
  /** Bytes until the next frame. */
  readonly length: number;
  /** What does not change from one frame of a stream to the next. */
  readonly kind: number;
}

function mpegFrame(head: Uint8Array, at: number): Frame | undefined {
  const [first = 0, second = 0, third = 0] = head.subarray(at, at + 3);
  if (first !== 0xff || (second & 0xe0) !== 0xe0) return undefined;
  const version = (second >> 3) & 3;
  const layer = 4 - ((second >> 1) & 3);
  const rate = RATES[version]?.[(third >> 2) & 3];
  if (rate === undefined || (layer !== 2 && layer !== 3)) return undefined;
  const kbits = (version === 3 ? BITRATES.one[layer] : BITRATES.two)[third >> 4];
  if (!kbits) return undefined;
  const samplesPerByte = layer === 3 && version !== 3 ? 72 : 144;
  return { ext: `mp${layer}`, length: Math.floor((samplesPerByte * kbits * 1000) / rate) + ((third >> 1) & 1), kind: (second << 8) | (third & 0x0c) };
}

/** A frame of an ADTS stream (ISO/IEC 13818-7 §6.2). */
function adtsFrame(head: Uint8Array, at: number): Frame | undefined {
  const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0, sixth = 0] = head.subarray(at, at + 6);
  if (first !== 0xff || (second & 0xf6) !== 0xf0 || ((third >> 2) & 0x0f) > 12) return undefined;
  const length = ((fourth & 3) << 11) | (fifth << 3) | (sixth >> 5);
  return length < 7 ? undefined : { ext: 'aac', length, kind: (second << 8) | (third & 0xfc) };
}

/** A sync frame of AC-3 or E-AC-3 (ATSC A/52 §5.3 and annex E): the stream id tells which. */
function ac3(head: Uint8Array, at: number): string | undefined {
  if (!has(head, at, '\x0b\x77') || head.length < at + 6) return undefined;
  const id = head[at + 5]! >> 3;
  if (id > 10) return id <= 16 ? 'eac3' : undefined;
  return head[at + 4]! >> 6 < 3 && (head[at + 4]! & 0x3f) < 38 ? 'ac3' : undefined;
}

function framesAt(head: Uint8Array, at: number): string | undefined {
  for (const frameOf of [mpegFrame, adtsFrame]) {
    const first = frameOf(head, at);
    const second = first && frameOf(head, at + first.length);
    // Two bits of sync and a few of header are not enough: the next frame must be where this one says, and alike.
    if (first && second?.kind === first.kind) return first.ext;
  }
  return ac3(head, at);
}

/** Where an ID3v2 tag at the start ends (id3v2.4.0-structure §3.1); 0 when there is none. */
function tagEnd(head: Uint8Array): number {
  if (!has(head, 0, 'ID3') || head.length < 10) return 0;
  const size = head.subarray(6, 10).reduce((sum, byte) => (sum << 7) | (byte & 0x7f), 0);
  return 10 + size + ((head[5]! & 0x10) !== 0 ? 10 : 0);
}

/** Streams without a container: mp3, mp2, aac, ac3, eac3; also behind an ID3 tag that ends within the head, where flac is found too. */
export function audioFrames(head: Uint8Array): string | undefined {
  const start = tagEnd(head);
  if (start > 0 && has(head, start, 'fLaC')) return 'flac';
  return framesAt(head, start);
}
