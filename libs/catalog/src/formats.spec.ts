import { canonicalFormat, formatOf } from './formats';

it.each([
  ['JPEG', 'jpg'],
  ['tif', 'tiff'],
  ['htm', 'html'],
  ['tgz', 'tar.gz'],
  ['constructor', 'constructor'],
])('%s is spelled %s', (format, canonical) => expect(canonicalFormat(format)).toBe(canonical));

it.each([
  ['the content', 'photo.png', 'jpg', undefined, 'jpg'],
  ['the content, whatever was asked', 'photo.png', 'jpg', 'docx', 'jpg'],
  ['the extension of text', 'a.CSV', undefined, undefined, 'csv'],
  ['the extension of text in another spelling', 'a.htm', undefined, undefined, 'html'],
  ['what was asked, before the extension', 'a.txt', undefined, 'csv', 'csv'],
  ['what was asked, where nothing else tells', 'a', undefined, 'docx', 'docx'],
  ['nothing: no binary format is believed by its name', 'a.docx', undefined, undefined, undefined],
  ['nothing without an extension', 'README', undefined, undefined, undefined],
  ['nothing for a hidden file', '.txt', undefined, undefined, undefined],
  ['a kind of zip', 'a.docx', 'zip', undefined, 'docx'],
  ['a kind of zip that was asked for', 'a', 'zip', 'odt', 'odt'],
  ['zip, when the name says something else', 'a.png', 'zip', 'mp4', 'zip'],
  ['a kind of Office before 2007', 'a.xls', 'cfb', undefined, 'xls'],
  ['a later one that a password protects', 'a.docx', 'cfb', undefined, 'docx'],
  ['the kind that was asked, before the extension', 'a.xls', 'cfb', 'doc', 'doc'],
  ['a packed archive', 'a.tgz', 'gz', undefined, 'tar.gz'],
  ['other text than it seems', 'a.svg', 'svg', 'txt', 'txt'],
  ['text that was recognised, whatever its name', 'a.txt', 'svg', undefined, 'svg'],
  ['text that was recognised, and asked for as none', 'a.svg', 'svg', 'png', 'svg'],
])('the format of a file is %s', (_, name, type, asked, format) => expect(formatOf({ name, type }, asked)).toBe(format));
