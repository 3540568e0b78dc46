import { readFileSync } from 'node:fs';
import path from 'node:path';
import { asyncApiDocument } from './asyncapi';

export interface GeneratedFile {
  /** Below the checkout. */
  readonly file: string;
  readonly text: string;
}

/** Every file that is made from the code and committed. */
export function generatedFiles(checkout: string): GeneratedFile[] {
  const { version } = JSON.parse(readFileSync(path.join(checkout, 'package.json'), 'utf8')) as { version: string };
  return [{ file: 'docs/asyncapi.json', text: `${JSON.stringify(asyncApiDocument(version), null, 2)}\n` }];
}

/** Those whose committed text is another one, or missing. */
export const staleFiles = (checkout: string): GeneratedFile[] =>
  generatedFiles(checkout).filter(({ file, text }) => {
    try {
      return readFileSync(path.join(checkout, file), 'utf8') !== text;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return true;
    }
  });
