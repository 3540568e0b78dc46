import { secret } from '@millrace/contracts';
import { z } from 'zod';
import type { OperationDeclaration } from '../declaration';
import { requestHeaders, webUrl } from '../web-fields';

/** Puts each file to an address of the customer's, which often carries a signature as good as a password: it is sealed too. */
export const exportUpload: OperationDeclaration = {
  operation: 'export/upload',
  kind: 'export',
  input: 'many',
  place: 'worker',
  group: 'export',
  options: z.object({
    /** With several files, `%d` stands for the number of each and `%s` for its name. */
    url: secret(webUrl()),
    headers: requestHeaders(),
  }),
  steps: [{ engine: 'export-upload', version: 'any' }],
};
