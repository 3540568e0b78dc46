import { z } from 'zod';

const secrets = z.registry<{ secret: true }>();

/** Marks a field whose value is sealed before it reaches the log and opened only in the answer to a claim. */
export function secret<T extends z.ZodType>(schema: T): T {
  secrets.add(schema, { secret: true });
  return schema;
}

/** Names of the top-level fields of `schema` that are marked `secret()`, also through optional(), nullable() and default(). */
export function secretFields(schema: z.ZodObject): string[] {
  return Object.entries(schema.shape)
    .filter(([, field]) => isSecret(field as z.ZodType))
    .map(([name]) => name);
}

function isSecret(schema: z.ZodType): boolean {
  if (secrets.has(schema)) return true;
  const inner = (schema as { def?: { innerType?: z.ZodType } }).def?.innerType;
  return inner !== undefined && isSecret(inner);
}
