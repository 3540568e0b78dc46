/** Other spellings of a format. */
const ALIASES = new Map([
  ['jpeg', 'jpg'],
  ['jpe', 'jpg'],
  ['tif', 'tiff'],
  ['htm', 'html'],
  ['markdown', 'md'],
  ['mpeg', 'mpg'],
  ['aif', 'aiff'],
  ['tgz', 'tar.gz'],
  ['tbz2', 'tar.bz2'],
  ['txz', 'tar.xz'],
]);

/** The canonical spelling of a file extension: lower case, one name per format. */
export const canonicalFormat = (format: string): string => ALIASES.get(format.toLowerCase()) ?? format.toLowerCase();

const DOUBLE_ENDING = /\.(tar\.[a-z0-9]{1,4})$/i;
const ENDING = /[^.]\.([a-z0-9]{1,16})$/i;

/** The canonical extension of a file name; undefined when it has none. */
function extensionOf(name: string): string | undefined {
  const ending = (DOUBLE_ENDING.exec(name) ?? ENDING.exec(name))?.[1];
  return ending === undefined ? undefined : canonicalFormat(ending);
}

/** Formats that are text: their first bytes need not tell which one. */
const TEXT_FORMATS: ReadonlySet<string> = new Set(['txt', 'csv', 'tsv', 'html', 'xhtml', 'md', 'svg', 'tex', 'rst', 'json', 'xml', 'css', 'log', 'fodt', 'fods', 'fodp', 'fodg']);

/** What a content that is only a container may be, where the kind of document lies beyond the first bytes. */
const CONTAINERS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['zip', new Set(['docx', 'docm', 'dotx', 'xlsx', 'xlsm', 'xltx', 'pptx', 'pptm', 'ppsx', 'potx', 'odt', 'ott', 'ods', 'ots', 'odp', 'otp', 'odg', 'epub'])],
  // An Office document of 2007 or later that a password protects is a zip, encrypted, inside of one.
  ['cfb', new Set(['doc', 'dot', 'xls', 'xlt', 'ppt', 'pps', 'pot', 'msg', 'vsd', 'pub', 'docx', 'docm', 'dotx', 'xlsx', 'xlsm', 'xltx', 'pptx', 'pptm', 'ppsx', 'potx'])],
  ['gz', new Set(['tar.gz'])],
  ['bz2', new Set(['tar.bz2'])],
  ['xz', new Set(['tar.xz'])],
]);

/** A file as its format is judged. */
export interface JudgedFile {
  readonly name: string;
  /** Extension by content, when the content told it. */
  readonly type?: string | undefined;
  /** Bytes. */
  readonly size?: number;
}

/**
 * The format of a file, undefined when nothing tells it. The content decides. Where it says nothing, `asked` (the option `input_format`) does, and
 * without it the extension of a text format: no other extension is believed, so that garbage named "a.png" is no png.
 * A container that says no more than that it is one is what `asked` or the extension say, if they name a format kept in such a container;
 * text that was recognised (svg) may be asked for as other text.
 */
export function formatOf({ name, type }: JudgedFile, asked?: string): string | undefined {
  const extension = extensionOf(name);
  if (type === undefined) return asked ?? (extension !== undefined && TEXT_FORMATS.has(extension) ? extension : undefined);
  const content = canonicalFormat(type);
  if (asked !== undefined && TEXT_FORMATS.has(content) && TEXT_FORMATS.has(asked)) return asked;
  const inside = CONTAINERS.get(content);
  return [asked, extension].find((format) => format !== undefined && inside?.has(format)) ?? content;
}
