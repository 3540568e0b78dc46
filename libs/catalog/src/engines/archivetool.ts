import { z } from 'zod';
import type { EngineDeclaration } from '../declaration';

/** Makes the archives of the operation `archive`. It opens none, so it declares no conversions. */
export const archivetool: EngineDeclaration = { name: 'archivetool', pool: 'document', group: 'archive', options: z.object({}) };
