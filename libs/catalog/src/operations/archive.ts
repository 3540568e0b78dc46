import { z } from 'zod';
import type { OperationDeclaration } from '../declaration';
import { canonicalFormat } from '../formats';
import { filename, version } from '../fields';

const FORMATS = ['zip', '7z', 'tar', 'tar.gz', 'tar.bz2'] as const;

export const archive: OperationDeclaration = {
  operation: 'archive',
  kind: 'process',
  input: 'many',
  place: 'worker',
  group: 'archive',
  outputs: FORMATS,
  options: z.object({
    output_format: z.preprocess((value) => (typeof value === 'string' ? canonicalFormat(value) : value), z.enum(FORMATS)),
    engine: z.enum(['archivetool']).optional(),
    engine_version: version().optional(),
    filename: filename().optional(),
  }),
  steps: [{ engine: 'archivetool', version: 'any' }],
};
