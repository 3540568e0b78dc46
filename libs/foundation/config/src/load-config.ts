import { Failure } from '@millrace/failures';
import { z } from 'zod';

/** One variable that is wrong. */
export interface ConfigProblem {
  readonly variable: string;
  readonly problem: string;
  /** A value that would be accepted, when the schema tells one. */
  readonly example: string | undefined;
}

/** The environment does not fit the schema. Its message lists every problem and holds no value of any variable. */
export class ConfigError extends Failure {
  constructor(readonly problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ variable, problem, example }) => `  ${variable} ${problem}${example === undefined ? '' : `. For example: ${variable}=${example}`}`);
    super('INTERNAL_ERROR', `The configuration is not valid:\n${lines.join('\n')}`);
    this.name = 'ConfigError';
  }
}

interface Definition {
  readonly innerType?: z.core.$ZodType;
  readonly in?: z.core.$ZodType;
  readonly entries?: Readonly<Record<string, string | number>>;
  readonly format?: string;
}

const FORMAT_EXAMPLES: Readonly<Record<string, string>> = { url: 'http://127.0.0.1:3000', email: 'admin@example.com', uuid: '7c0d8b1e-0f4b-4b63-9d0f-3d9b1c1f2a10' };

/** The example of a schema: its `meta({ example })`, else one that follows from its type, through `optional`, `default` and pipes. */
function exampleOf(schema: z.core.$ZodType | undefined): string | undefined {
  if (schema === undefined) return undefined;
  const told = z.globalRegistry.get(schema)?.['example'];
  if (told !== undefined) return String(told);
  const { innerType, in: input, entries, format } = schema._zod.def as Definition;
  if (entries !== undefined) return String(Object.values(entries)[0]);
  return FORMAT_EXAMPLES[format ?? ''] ?? exampleOf(innerType ?? input);
}

function describe(issue: z.core.$ZodIssue, isSet: boolean): string {
  if (!isSet) return 'is not set';
  if (issue.code === 'invalid_value') return `is not one of ${issue.values.map(String).join(', ')}`;
  return issue.code === 'custom' ? issue.message : `is not valid: ${issue.message}`;
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}

/**
 * Reads the variables that `schema` names from `env` and returns them typed and frozen. An empty variable counts as not set.
 * @throws ConfigError with all problems at once.
 */
export function loadConfig<T extends z.ZodObject>(schema: T, env: Readonly<Record<string, string | undefined>> = process.env): z.output<T> {
  const given = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, env[name] === '' ? undefined : env[name]]));
  const parsed = schema.safeParse(given);
  if (parsed.success) return freeze(parsed.data);
  throw new ConfigError(
    parsed.error.issues.map((issue) => {
      const variable = String(issue.path[0] ?? '(all)');
      const known = Object.hasOwn(schema.shape, variable);
      return { variable, problem: describe(issue, !known || given[variable] !== undefined), example: known ? exampleOf(schema.shape[variable]) : undefined };
    }),
  );
}
