import { z } from 'zod';
import type { EngineDeclaration } from '../declaration';

/** Reads the facts that a file tells about itself; light enough for both pools. */
export const exiftool: EngineDeclaration = { name: 'exiftool', pool: 'media', alsoIn: 'document', group: 'metadata', options: z.object({}) };
