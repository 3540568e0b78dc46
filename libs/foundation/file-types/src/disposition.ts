import { encodeExtended } from 'content-disposition';
import { cleanFilename } from './filename';

/** Not ASCII, or read differently by different clients when quoted: `"`, `\`, and `%`, which some decode (RFC 6266 appendix D). */
const UNSAFE = /[^\x20-\x7e]|["\\%]/gu;

/**
 * The value of a Content-Disposition header (RFC 6266), pure ASCII: `filename="..."`, always quoted because clients cut it out by
 * pattern, with `_` for what is unsafe there; where that differs, `filename*` (RFC 8187) with the whole name. The name is cleaned
 * first (`cleanFilename`), so nothing in it can end the header.
 */
export function contentDisposition(kind: 'attachment' | 'inline', filename: string): string {
  const name = cleanFilename(filename);
  const fallback = name.replace(UNSAFE, '_');
  const header = `${kind}; filename="${fallback}"`;
  return fallback === name ? header : `${header}; filename*=${encodeExtended(name)}`;
}
