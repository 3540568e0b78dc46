import { secretFields } from '@millrace/contracts';
import { z } from 'zod';
import type { EngineDeclaration, OperationDeclaration, Options, Way } from './declaration';

const schemas = new WeakMap<OperationDeclaration, Map<string, z.ZodObject>>();

function build({ options, takesEngineOptions }: OperationDeclaration, engines: readonly EngineDeclaration[]): z.ZodObject {
  // Where two engines know an option the first describes it; the operation's own come before all.
  const shapes = takesEngineOptions ? [...engines].reverse().map((engine) => engine.options.shape) : [];
  const schema = z.strictObject({ ...options.shape, ...Object.assign({}, ...shapes), ...options.shape });
  return takesEngineOptions ? engines.reduce(withConflicts, schema) : schema;
}

function withConflicts(schema: z.ZodObject, { conflicts }: EngineDeclaration): z.ZodObject {
  if (!conflicts) return schema;
  return schema.superRefine((options, ctx) => {
    for (const [field, sentence] of Object.entries(conflicts(options))) ctx.addIssue({ code: 'custom', path: [field], params: { sentence } });
  });
}

/** The options of a task that these engines do. */
export function schemaOf(declaration: OperationDeclaration, engines: readonly EngineDeclaration[]): z.ZodObject {
  const key = declaration.takesEngineOptions ? engines.map(({ name }) => name).join(' ') : '';
  const known = schemas.get(declaration) ?? new Map<string, z.ZodObject>();
  schemas.set(declaration, known);
  const schema = known.get(key) ?? build(declaration, engines);
  known.set(key, schema);
  return schema;
}

const secrets = new WeakMap<readonly EngineDeclaration[], Map<OperationDeclaration, ReadonlySet<string>>>();

/** Names that are secret in the operation or in any engine, so that a task keeps no secret in the clear whichever way it goes. */
export function secretNames(declaration: OperationDeclaration, engines: readonly EngineDeclaration[]): ReadonlySet<string> {
  const known = secrets.get(engines) ?? new Map<OperationDeclaration, ReadonlySet<string>>();
  secrets.set(engines, known);
  const names = known.get(declaration) ?? new Set([declaration, ...(declaration.takesEngineOptions ? engines : [])].flatMap(({ options }) => secretFields(options)));
  known.set(declaration, names);
  return names;
}

/** How far options are from what a way takes: the number of things to tell about them. */
const distance = (error: z.ZodError): number => error.issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0);

export interface Fit {
  readonly way: Way;
  readonly schema: z.ZodObject;
  readonly result: z.ZodSafeParseResult<Record<string, unknown>>;
}

/** The ways that take `options`, in their order. When there is none, the one that comes nearest, with what is wrong. */
export function fitting(declaration: OperationDeclaration, ways: readonly Way[], options: Options): { readonly fits: Fit[]; readonly nearest?: Fit } {
  const tried = ways.map((way): Fit => {
    const schema = schemaOf(declaration, way.engines);
    return { way, schema, result: schema.safeParse(options) };
  });
  const fits = tried.filter(({ result }) => result.success);
  if (fits.length > 0 || tried.length === 0) return { fits };
  const far = ({ result }: Fit): number => distance(result.error!);
  return { fits, nearest: tried.reduce((best, next) => (far(next) < far(best) ? next : best)) };
}
