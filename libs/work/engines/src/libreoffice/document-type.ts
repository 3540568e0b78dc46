import { Failure } from '@millrace/failures';
import { ENCRYPTED, extOf } from '@millrace/file-types';
import type { InputFile } from '@millrace/engine-kit';
import { READERS } from './formats';

/**
 * What the name of a file may say beyond its content. Content shows the frame (a zip of Word's making, an OLE2 file, plain text), the
 * name which of the formats within that frame it is. So a page of HTML never becomes a doc by its name.
 */
const REFINEMENTS: Readonly<Record<string, readonly string[]>> = {
  docx: ['docm', 'dotx'],
  xlsx: ['xlsm'],
  pptx: ['pptm', 'ppsx'],
  zip: ['docx', 'docm', 'dotx', 'odt', 'xlsx', 'xlsm', 'ods', 'pptx', 'pptm', 'ppsx', 'odp', 'odg'],
  // Where even the directory of an OLE2 file does not tell.
  cfb: ['doc', 'xls', 'ppt', 'docx', 'docm', 'dotx', 'xlsx', 'xlsm', 'pptx', 'pptm', 'ppsx'],
  [ENCRYPTED]: ['docx', 'docm', 'dotx', 'xlsx', 'xlsm', 'pptx', 'pptm', 'ppsx'],
  text: ['txt', 'csv', 'html', 'fodt', 'fods', 'fodp', 'fodg'],
};

/** What is meant by the older name of a kind of document, where the content is of the newer one. */
const SUCCESSORS: Readonly<Record<string, string>> = { doc: 'docx', xls: 'xlsx', ppt: 'pptx' };

/** The type of `input` by its content, refined by its name, or by the format its sender gave it; undefined when it is none that LibreOffice reads. */
export function documentType({ type = 'text', filename }: Pick<InputFile, 'type' | 'filename'>, inputFormat?: string): string | undefined {
  const content = extOf(`x.${type}`);
  const told = [inputFormat, extOf(filename)].map((name) => (name !== undefined && content === ENCRYPTED && Object.hasOwn(SUCCESSORS, name) ? SUCCESSORS[name] : name));
  const refined = told.find((name) => name !== undefined && REFINEMENTS[content]?.includes(name));
  return refined ?? (READERS.has(content) ? content : undefined);
}

/** @throws Failure INVALID_INPUT when LibreOffice does not read it. */
export function readableType(input: Pick<InputFile, 'type' | 'filename'>, inputFormat?: string): string {
  const found = documentType(input, inputFormat);
  if (found !== undefined) return found;
  if (input.type === ENCRYPTED) {
    throw new Failure('INVALID_INPUT', `The file ${input.filename} is a protected Office document, and its name does not tell of which kind. Give the option input_format: ${REFINEMENTS[ENCRYPTED]!.join(', ')}`);
  }
  const content = input.type === undefined ? 'text or unknown' : input.type;
  throw new Failure('INVALID_INPUT', `The file ${input.filename} is no document that can be read: its content is ${content}. Readable formats: ${[...READERS.keys()].join(', ')}`);
}
