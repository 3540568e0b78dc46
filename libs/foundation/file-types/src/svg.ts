const ROOT = /^<(?:[A-Za-z_][\w.-]*:)?svg[\s/>]/;

/**
 * True when the root element of the XML that begins in `head` is `svg`, whatever comes before it: byte order mark, white space,
 * XML declaration, comments, processing instructions, a doctype with or without an internal subset. UTF-8 or UTF-16.
 * False when that prologue is longer than `head`.
 */
export function isSvg(head: Uint8Array): boolean {
  const source = decode(head);
  let at = 0;
  for (;;) {
    while (/\s/.test(source[at] ?? '')) at += 1;
    const end = prologueEnd(source, at);
    if (end === undefined) return ROOT.test(source.slice(at, at + 80));
    if (end < 0) return false;
    at = end;
  }
}

/** Where the piece of prologue at `at` ends; undefined when there is none, -1 when it does not end in `source`. */
function prologueEnd(source: string, at: number): number | undefined {
  if (source.startsWith('<?', at)) return endOf(source, '?>', at);
  if (source.startsWith('<!--', at)) return endOf(source, '-->', at + 4);
  if (/^<!doctype\s/i.test(source.slice(at, at + 10))) return doctypeEnd(source, at);
  return undefined;
}

function doctypeEnd(source: string, start: number): number {
  let subset = false;
  for (let at = start; at < source.length; at += 1) {
    const char = source[at];
    if (char === '"' || char === "'") at = endOf(source, char, at + 1) - 1;
    else if (subset && source.startsWith('<!--', at)) at = endOf(source, '-->', at + 4) - 1;
    else if (char === '[') subset = true;
    else if (char === ']') subset = false;
    else if (char === '>' && !subset) return at + 1;
    if (at < start) return -1;
  }
  return -1;
}

function endOf(source: string, mark: string, from: number): number {
  const at = source.indexOf(mark, from);
  return at < 0 ? -1 : at + mark.length;
}

function decode(head: Uint8Array): string {
  const encoding = head[0] === 0xff && head[1] === 0xfe ? 'utf-16le' : head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : 'utf-8';
  // Its byte order mark is dropped by the decoder; a character cut at the end becomes U+FFFD.
  return new TextDecoder(encoding).decode(head);
}
