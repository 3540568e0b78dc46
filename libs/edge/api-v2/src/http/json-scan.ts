import { Failure } from '@millrace/failures';

const invalid = (message: string): Failure => new Failure('INVALID_DATA', 'The given data was invalid.', { errors: { body: [message] } });

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Index of the quote that ends the string which begins behind `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}

/** True when the string from `start` to `end` is the key `__proto__`, however it is escaped. */
function isPrototypeKey(text: string, start: number, end: number): boolean {
  if (end - start > 64 || !/^\s*:/.test(text.slice(end + 1, end + 16))) return false;
  const raw = text.slice(start, end);
  return raw === '__proto__' || (raw.includes('\\u') && raw.replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))) === '__proto__');
}

/**
 * Looks over a JSON text before it is parsed, in one pass that skips what stands in strings.
 * Throws INVALID_DATA for more than `maxDepth` nested values and for the key `__proto__`.
 */
export function scanJson(text: string, maxDepth: number): void {
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charCodeAt(i);
    if (char === QUOTE) {
      const end = endOfString(text, i + 1);
      if (isPrototypeKey(text, i + 1, end)) throw invalid('The key __proto__ is not allowed.');
      i = end;
    } else if (char === 0x7b || char === 0x5b) {
      depth += 1;
      if (depth > maxDepth) throw invalid(`The JSON may not be nested deeper than ${maxDepth} levels.`);
    } else if (char === 0x7d || char === 0x5d) {
      depth -= 1;
    }
  }
}

/** The value of a JSON text that passed `scanJson`; undefined for an empty one. Throws INVALID_DATA. */
export function parseJson(text: string, maxDepth: number): unknown {
  if (text.trim() === '') return undefined;
  scanJson(text, maxDepth);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Failure('INVALID_DATA', 'The request body is not valid JSON.', { cause, errors: { body: ['The request body is not valid JSON.'] } });
  }
}
