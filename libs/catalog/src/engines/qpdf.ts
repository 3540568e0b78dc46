import { z } from 'zod';
import type { EngineDeclaration } from '../declaration';

/** Joins the PDFs of the operation `merge`. */
export const qpdf: EngineDeclaration = { name: 'qpdf', pool: 'document', group: 'document', options: z.object({}) };
