import { Failure } from '@millrace/failures';
import type { RunResult } from '@millrace/sandbox';
import { crashed } from '../outcome';
import { inWords } from './times';

const causeOf = (stderr: string): Error => new Error(stderr.slice(-2000));

/** INVALID_INPUT for a file that cannot be read; what ffmpeg printed is its cause, and only that: it may name paths. */
export const unreadable = (filename: string, stderr: string): Failure =>
  new Failure('INVALID_INPUT', `The file ${filename} cannot be read as film or sound: it is damaged, incomplete or of another type`, { cause: causeOf(stderr) });

/** What ffmpeg says, and what a customer is told; the first that fits. */
const SAYINGS: readonly [RegExp, (match: RegExpExecArray) => string][] = [
  [/Could not find tag for codec (\w+)|codec (\w+) (?:in stream #\d+ )?(?:is )?not (?:currently )?supported/i, ([, a, b]) => `the output format cannot hold ${a ?? b}`],
  [/muxing codec currently unsupported/i, () => 'the output format cannot hold this codec'],
  [/Only .{3,80} (?:are|is) (?:allowed|supported)|only .{3,60} supported/i, () => 'the output format cannot hold what is in the file; leave codecs out or choose others'],
  [/Specified sample rate (\d+) is not supported/i, ([, rate]) => `the audio codec cannot do a sample rate of ${rate} Hz`],
  [/channel layout .{0,60}not supported|too many channels|Unsupported channel/i, () => 'the audio codec cannot do as many channels; set channels'],
  [/bit ?rate .{0,40}(?:not (?:allowed|supported)|invalid|too (?:high|low))|encoder setup failed/i, () => 'the audio codec cannot do this bit rate at this sample rate'],
  [/(?:width|height|size|dimension|resolution).{0,60}(?:not supported|invalid|must|too (?:small|large)|at least)/i, () => 'the video codec cannot do a picture of this size'],
];

/** Nothing can be decoded; the rest of ffmpeg's complaints follow from it. */
const UNREADABLE = /Invalid data found|moov atom not found|Could not find codec parameters|Error while decoding|Decoder .{0,40}not found|no decoder|End of file|does not contain any stream|Failed to (?:open|read)/i;

/**
 * The failure of a run that ended by itself, but not well. ffmpeg has no exit codes that tell why; what it prints does.
 * The file could be opened before, so what is left is data that cannot be decoded, or options that do not go with the codec.
 */
export function failureOfRun(result: RunResult, filename: string, format: string): Failure {
  const { stderr } = result;
  if (/Cannot allocate memory/i.test(stderr)) return new Failure('LIMIT_EXCEEDED', `The file ${filename} needs more memory than the limit allows`, { cause: causeOf(stderr) });
  if (/No space left on device/i.test(stderr)) return crashed('ffmpeg', 'found no space for its output', result);
  for (const [pattern, sentence] of SAYINGS) {
    const match = pattern.exec(stderr);
    if (match) return new Failure('INVALID_INPUT', `The file ${filename} cannot become ${format}: ${sentence(match)}`, { cause: causeOf(stderr) });
  }
  if (/Error (?:initializing|while opening|opening|configuring)|incorrect codec parameters|Conversion failed/i.test(stderr) && !UNREADABLE.test(stderr)) {
    return new Failure('INVALID_INPUT', `The file ${filename} cannot become ${format} with these options`, { cause: causeOf(stderr) });
  }
  return UNREADABLE.test(stderr) ? unreadable(filename, stderr) : crashed('ffmpeg', `ended with exit code ${result.exitCode}`, result);
}

/** So much of what the file says it lasts may be missing: times of containers are rounded, and streams end apart. */
const TOLERANCE = { share: 0.1, seconds: 1 };
/** Readers of files that state how long they last; of others ffmpeg guesses it from the size. */
const STATED = new Set(['mov', 'matroska', 'avi', 'asf', 'flv', 'flac', 'wav', 'aiff', 'caf', 'au']);

/** What came of a run. */
export interface Yield {
  readonly demuxer: string;
  /** Seconds that were written. */
  readonly written: number;
  /** Seconds the file promised; undefined when unknown. */
  readonly expected?: number;
  /** True when the picture was used: it lasts as long as the file, sound alone may not. */
  readonly hasPicture: boolean;
  readonly stderr: string;
}

/**
 * ffmpeg takes a file that ends too early for one that ends, and exits with 0.
 * @throws Failure INVALID_INPUT when clearly less than the file promised was written and ffmpeg complained; of a cut Flash film it does not.
 */
export function assertWhole(filename: string, { demuxer, written, expected, hasPicture, stderr }: Yield): void {
  const suspect = stderr.trim() !== '' || (demuxer === 'flv' && hasPicture);
  if (expected === undefined || !suspect || !STATED.has(demuxer)) return;
  if (written >= expected * (1 - TOLERANCE.share) || expected - written < TOLERANCE.seconds) return;
  throw new Failure('INVALID_INPUT', `The file ${filename} is damaged or incomplete: only ${inWords(written)} of ${inWords(expected)} could be read`, { cause: causeOf(stderr) });
}

/** @throws Failure INVALID_INPUT when a file has clearly fewer bytes than it says; `promised` is undefined where it says nothing. */
export function assertComplete(filename: string, size: number, promised: number | undefined): void {
  if (promised === undefined || size >= promised * (1 - TOLERANCE.share)) return;
  throw new Failure('INVALID_INPUT', `The file ${filename} is incomplete: it has ${size} of ${promised} bytes`);
}
