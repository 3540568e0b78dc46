/** A parameter of a Content-Disposition line as clients write it, not as RFC 6266 asks: names of files often come without quotes. */
const QUOTED = /^"((?:[^"\\]|\\.)*)"/;
const MARK = /;\s*([a-z]+\*?)\s*=\s*/gi;

/** Only `\"` and `\\` are escapes: a browser on Windows once sent whole paths. */
const unquote = (text: string): string => text.replace(/\\(["\\])/g, '$1');

/** UTF-8 where the bytes are UTF-8, else Latin-1. `text` holds one byte a character. */
export function decodeBytes(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  const utf8 = bytes.toString('utf8');
  return utf8.includes('\ufffd') ? text : utf8;
}

/** `UTF-8''na%C3%AFve.png` (RFC 8187); undefined for another charset or a broken encoding. */
function decodeExtended(value: string): string | undefined {
  const [, charset = '', encoded = ''] = /^([\w-]*)'[^']*'(.*)$/.exec(value) ?? [];
  if (!/^[\w!#$&+.^`|~%-]*$/.test(encoded) || /%(?![0-9a-f]{2})/i.test(encoded)) return undefined;
  const bytes = Buffer.from(encoded.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))), 'latin1');
  if (/^utf-8$/i.test(charset)) return bytes.toString('utf8');
  return /^iso-8859-1$/i.test(charset) ? bytes.toString('latin1') : undefined;
}

/**
 * Name and file name of a form-data part. `line` is the header's value, one byte a character. An unquoted file name (node's SDK, .NET)
 * goes on to the next parameter or the end of the line, with its spaces.
 */
export function parseDisposition(line: string): { name?: string; filename?: string } {
  const marks = [...line.matchAll(MARK)];
  const values = new Map<string, string>();
  let from = 0;
  marks.forEach((mark, i) => {
    if (mark.index < from) return;
    const start = mark.index + mark[0].length;
    const rest = line.slice(start);
    const quoted = QUOTED.exec(rest);
    const next = marks.slice(i + 1).find((other) => other.index >= start && /^(name|filename)\*?$/i.test(other[1]!))?.index ?? line.length;
    from = quoted ? start + quoted[0].length : next;
    const key = mark[1]!.toLowerCase();
    if (!values.has(key)) values.set(key, quoted ? unquote(quoted[1]!) : line.slice(start, next).trim());
  });
  const extended = values.get('filename*') === undefined ? undefined : decodeExtended(values.get('filename*')!);
  const name = values.get('name');
  const filename = extended ?? (values.has('filename') ? decodeBytes(values.get('filename')!) : undefined);
  return { ...(name !== undefined && { name: decodeBytes(name) }), ...(filename !== undefined && { filename }) };
}
