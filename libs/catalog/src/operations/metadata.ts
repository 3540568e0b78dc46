import { z } from 'zod';
import type { OperationDeclaration } from '../declaration';
import { format, version } from '../fields';

export const metadata: OperationDeclaration = {
  operation: 'metadata',
  kind: 'process',
  input: 'one',
  place: 'worker',
  group: 'metadata',
  options: z.object({ input_format: format().optional(), engine: z.enum(['exiftool']).optional(), engine_version: version().optional() }),
  steps: [{ engine: 'exiftool', version: 'any' }],
};
