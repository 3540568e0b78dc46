import { z } from 'zod';
import type { OperationDeclaration } from '../declaration';
import { text } from '../fields';

export const importUpload: OperationDeclaration = {
  operation: 'import/upload',
  kind: 'import',
  input: 'none',
  place: 'gateway-upload',
  group: 'import',
  options: z.object({
    /** Where the browser goes after its upload. */
    redirect: text(2048).refine((value) => /^https?:\/\//i.test(value) && URL.canParse(value)).optional(),
  }),
  steps: [],
};
