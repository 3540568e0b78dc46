import type { ContentEncoding, PlannedContent } from './declaration';
import { invalidField } from './messages';

/** True for base64 of RFC 4648 §4, padded or not. Without a backtracking pattern: contents are megabytes long. */
function isBase64(data: string): boolean {
  if (/[^A-Za-z0-9+/=]/.test(data)) return false;
  const end = data.indexOf('=');
  const padding = end === -1 ? '' : data.slice(end, end + 3);
  const digits = end === -1 ? data.length : end;
  if (padding !== '' && (padding !== data.slice(end) || !/^={1,2}$/.test(padding) || data.length % 4 !== 0)) return false;
  return digits > 0 && digits % 4 !== 1;
}

/** The content of a request. Throws INVALID_DATA about `file` for base64 that is none. */
export function contentOf(encoding: ContentEncoding, file: string, filename: string): PlannedContent {
  if (encoding === 'utf8') return { encoding, data: file, filename };
  const data = file.replace(/\s+/g, '');
  if (!isBase64(data)) throw invalidField('file', 'The file must be a base64 encoded string.');
  return { encoding, data, filename };
}
