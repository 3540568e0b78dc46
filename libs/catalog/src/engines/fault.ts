import { z } from 'zod';
import type { EngineDeclaration } from '../declaration';

/** The engine of the tests: it fails as it is told to. */
export const faultEngines: readonly EngineDeclaration[] = [
  { name: 'fault', pool: 'media', alsoIn: 'document', group: 'fault', options: z.object({}) },
  { name: 'fault-media', pool: 'media', group: 'fault', options: z.object({}) },
  { name: 'fault-document', pool: 'document', group: 'fault', options: z.object({}) },
];
