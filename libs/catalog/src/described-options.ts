import { z } from 'zod';
import type { DescribedOption } from './declaration';

/** Fields of the request that are told apart from options, or that every piece of work has. */
const COMMON: ReadonlySet<string> = new Set(['input_format', 'output_format', 'engine', 'engine_version', 'filename']);

const TYPES: Readonly<Record<string, DescribedOption['type']>> = { integer: 'integer', number: 'float', boolean: 'boolean', object: 'dictionary' };

const isScalar = (value: unknown): value is string | number | boolean => ['string', 'number', 'boolean'].includes(typeof value);

function described(name: string, schema: z.ZodType): DescribedOption {
  // The output side: what a text is read as is what it is.
  const json = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }) as { type?: string; enum?: unknown[]; default?: unknown };
  return {
    name,
    type: json.enum ? 'enum' : (TYPES[json.type ?? ''] ?? 'string'),
    default: isScalar(json.default) ? json.default : null,
    possible_values: json.enum?.map(String) ?? null,
  };
}

/** The options of a schema. `kind` of the operation: the name of the file is an option only where a file comes or goes. */
export const describedOptions = (schema: z.ZodObject, kind: 'import' | 'process' | 'export'): DescribedOption[] =>
  Object.entries(schema.shape).flatMap(([name, field]) => (kind === 'process' && COMMON.has(name) ? [] : [described(name, field as z.ZodType)]));
