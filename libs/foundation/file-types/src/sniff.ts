import { text } from './bytes';
import { audioFrames } from './containers/audio-frames';
import { compound } from './containers/compound';
import { isobmff } from './containers/isobmff';
import { asf, matroska, transportStream } from './containers/stream-containers';
import { zip } from './containers/zip';
import { mimeOf } from './mime';
import { bySignature } from './signatures';
import { isSvg } from './svg';

/** How many first bytes of a file `sniff` wants; what is decided by more stays undecided. */
export const SNIFF_BYTES = 4100;

/** A format known by its content. */
export interface FileType {
  /** Canonical extension, as `extOf` spells it. */
  readonly ext: string;
  readonly mime: string;
}

/** Containers come first, since their signatures are shared by many formats; SVG last, since it is text. */
const RULES: readonly ((head: Uint8Array) => string | undefined)[] = [
  isobmff,
  zip,
  compound,
  matroska,
  asf,
  audioFrames,
  bySignature,
  transportStream,
  (head) => (isSvg(head) ? 'svg' : undefined),
  // Producers put white space before the header, and readers allow it (Adobe PDF Reference 1.7, appendix H, note 13).
  (head) => (/^[\s\0]{1,1024}%PDF-/.test(text(head, 0, 1029)) ? 'pdf' : undefined),
];

/**
 * The format of a file by its first bytes, undefined when they do not tell, as for plain text. The bytes at the start decide: what a
 * polyglot hides further back does not count. `zip` and `cfb` (Office before 2007) may be a document whose kind lies beyond the head.
 * It proves nothing about the rest of the file.
 */
export function sniff(head: Uint8Array): FileType | undefined {
  const bytes = head.subarray(0, SNIFF_BYTES);
  for (const rule of RULES) {
    const ext = rule(bytes);
    if (ext) return { ext, mime: mimeOf(ext) };
  }
  return undefined;
}
