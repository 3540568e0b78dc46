import { z } from 'zod';
import type { OperationDeclaration } from '../declaration';
import { filename } from '../fields';
import { requestHeaders, webUrl } from '../web-fields';

export const importUrl: OperationDeclaration = {
  operation: 'import/url',
  kind: 'import',
  input: 'none',
  place: 'worker',
  group: 'import',
  options: z.object({
    url: webUrl(),
    filename: filename().optional(),
    headers: requestHeaders(),
  }),
  steps: [{ engine: 'import-url', version: 'any' }],
};
