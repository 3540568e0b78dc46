import { has, text, u16le, u32le } from '../bytes';

const LOCAL_HEADER = 'PK\x03\x04';
/** Stored first and uncompressed in OpenDocument (ODF 1.3, part 2) and EPUB (EPUB 3.3, OCF). */
const MIMETYPES: Readonly<Record<string, string>> = {
  'application/epub+zip': 'epub',
  'application/vnd.oasis.opendocument.text': 'odt',
  'application/vnd.oasis.opendocument.spreadsheet': 'ods',
  'application/vnd.oasis.opendocument.presentation': 'odp',
  'application/vnd.oasis.opendocument.graphics': 'odg',
};
const OOXML_FOLDERS: Readonly<Record<string, string>> = { word: 'docx', xl: 'xlsx', ppt: 'pptx', visio: 'vsdx' };
/** What may precede the folder that tells; a plain zip that merely holds such a folder among others stays a zip. */
const OOXML_PREAMBLE = /^(?:\[Content_Types\]\.xml$|_rels\/|docProps\/|customXml\/)/;

/** The format of a zip file by its first entries; `zip` when they do not tell more. */
export function zip(head: Uint8Array): string | undefined {
  if (has(head, 0, 'PK\x05\x06') || has(head, 0, 'PK\x07\x08')) return 'zip';
  if (!has(head, 0, LOCAL_HEADER)) return undefined;
  const names = entryNames(head);
  if (names[0] === 'mimetype') return declared(head) ?? 'zip';
  if (names[0] === 'META-INF/' || names[0] === 'META-INF/MANIFEST.MF') return 'jar';
  const telling = names.find((name) => !OOXML_PREAMBLE.test(name)) ?? '';
  const folder = telling.slice(0, Math.max(telling.indexOf('/'), 0));
  const isOffice = names.length > 1 && names.indexOf(telling) > 0;
  return isOffice && Object.hasOwn(OOXML_FOLDERS, folder) ? OOXML_FOLDERS[folder] : 'zip';
}

function declared(head: Uint8Array): string | undefined {
  const start = 30 + u16le(head, 26) + u16le(head, 28);
  const type = text(head, start, start + u32le(head, 22)).trim();
  return Object.hasOwn(MIMETYPES, type) ? MIMETYPES[type] : undefined;
}

/** The names of the entries that begin within `head` (APPNOTE 4.3.7). */
function entryNames(head: Uint8Array): string[] {
  const names: string[] = [];
  for (let at = 0; at >= 0 && has(head, at, LOCAL_HEADER); ) {
    const nameEnd = at + 30 + u16le(head, at + 26);
    names.push(text(head, at + 30, nameEnd));
    const data = nameEnd + u16le(head, at + 28);
    const streamed = (u16le(head, at + 6) & 8) !== 0;
    // A streamed entry names its size behind its data: the next signature is searched for instead.
    at = streamed ? text(head, 0, head.length).indexOf(LOCAL_HEADER, data) : data + u32le(head, at + 18);
  }
  return names;
}
