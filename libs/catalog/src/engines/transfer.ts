import { z } from 'zod';
import type { EngineDeclaration } from '../declaration';

export const importUrlEngine: EngineDeclaration = { name: 'import-url', pool: 'import', group: 'import', options: z.object({}) };
export const exportUrlEngine: EngineDeclaration = { name: 'export-url', pool: 'export', group: 'export', options: z.object({}) };
export const exportUploadEngine: EngineDeclaration = { name: 'export-upload', pool: 'export', group: 'export', options: z.object({}) };
