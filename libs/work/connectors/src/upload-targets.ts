import { Failure } from '@millrace/failures';
import { uniqueFilenames } from '@millrace/file-types';

/** `%d` before a hexadecimal digit is an encoded byte of the URL, as are `%0d` and `%02d`: no width is known here. */
const PLACEHOLDER = /%d(?![0-9A-Fa-f])|%s/g;

/**
 * The URL that each file goes to: `%d` stands for its number from 1, `%s` for its name, percent-encoded; names that are the same are numbered.
 * @throws Failure INVALID_INPUT when several files would go to one URL.
 */
export function uploadTargets(url: string, filenames: readonly string[]): string[] {
  const names = uniqueFilenames(filenames);
  const targets = names.map((name, index) => url.replace(PLACEHOLDER, (placeholder) => (placeholder === '%s' ? encodeURIComponent(name) : String(index + 1))));
  if (new Set(targets).size < targets.length) {
    throw new Failure('INVALID_INPUT', `The url is one address for ${targets.length} files. It needs the placeholder %d (number of the file) or %s (its name)`);
  }
  return targets;
}
