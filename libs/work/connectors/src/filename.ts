import type { IncomingHttpHeaders } from 'node:http';
import { cleanFilename } from '@millrace/file-types';
import { parse } from 'content-disposition';
import { extension } from 'mime-types';

/** What an imported file may be named after. */
export interface NameSources {
  /** What the customer asked for. */
  readonly wanted: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** The address that answered in the end. */
  readonly url: string;
}

/** The customer's own name, else the server's, else the last part of the path, else `file` with an extension for the content type; cleaned. */
export function importedName({ wanted, headers, url }: NameSources): string {
  return cleanFilename(filled(wanted) ?? filled(fromDisposition(headers['content-disposition'])) ?? filled(fromPath(url)) ?? fromType(headers['content-type']));
}

function filled(name: string | undefined): string | undefined {
  return name === undefined || name.trim() === '' ? undefined : name;
}

/** RFC 6266, with `filename*` before `filename`. Servers also send bare UTF-8, which Node hands out as latin1. */
function fromDisposition(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const utf8 = Buffer.from(header, 'latin1').toString('utf8');
  return parse(utf8.includes('\ufffd') ? header : utf8).parameters['filename'];
}

function fromPath(url: string): string {
  const segment = new URL(url).pathname.split('/').at(-1)!;
  try {
    return decodeURIComponent(segment);
  } catch {
    // A path need not be well-formed percent encoding; then it is taken as it stands.
    return segment;
  }
}

function fromType(contentType: string | undefined): string {
  const known = contentType === undefined ? false : extension(contentType);
  return known === false ? 'file' : `file.${known}`;
}
