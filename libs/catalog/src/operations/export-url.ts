import { z } from 'zod';
import type { OperationDeclaration } from '../declaration';
import { flag } from '../fields';

export const exportUrl: OperationDeclaration = {
  operation: 'export/url',
  kind: 'export',
  input: 'many',
  place: 'worker',
  group: 'export',
  options: z.object({
    inline: flag().default(false),
    archive_multiple_files: flag().default(false),
    inline_additional: flag().optional(),
  }),
  steps: [{ engine: 'export-url', version: 'any' }],
};
