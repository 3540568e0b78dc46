import { z } from 'zod';
import type { ContentEncoding, OperationDeclaration } from '../declaration';
import { filename } from '../fields';

const contentImport = (operation: string, content: ContentEncoding): OperationDeclaration => ({
  operation,
  content,
  kind: 'import',
  input: 'none',
  place: 'gateway-content',
  group: 'import',
  // Not text(): the content is stored as a file, where every character is welcome.
  options: z.object({ file: z.string(), filename: filename() }),
  steps: [],
});

export const importBase64 = contentImport('import/base64', 'base64');
export const importRaw = contentImport('import/raw', 'utf8');
