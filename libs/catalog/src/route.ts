import type { ErrorCode, StepPlan } from '@millrace/contracts';
import { isFailure } from '@millrace/failures';
import type { ConversionTable } from './conversion-table';
import type { OperationDeclaration, Options } from './declaration';
import { formatOf, type JudgedFile } from './formats';
import { failureOfIssues } from './messages';
import { type Fit, fitting, schemaOf, secretNames } from './way-options';

/** A task whose inputs are there. */
export interface RouteRequest {
  readonly operation: string;
  /** As they were planned; secret fields are sealed. */
  readonly options: Options;
  readonly steps: readonly StepPlan[];
  readonly files: readonly JudgedFile[];
}

/** The steps to take, or how the task fails. */
export type Route = { readonly steps: readonly StepPlan[] } | { readonly code: ErrorCode; readonly message: string };

const refused = (code: ErrorCode, message: string): Route => ({ code, message });

const isScalar = (value: unknown): value is string | number | boolean => ['string', 'number', 'boolean'].includes(typeof value);

/** Options that this way's engine reads differently than they were kept. */
function reread({ result }: Fit, options: Options): NonNullable<StepPlan['set']> {
  const read = result.data!;
  return Object.fromEntries(Object.keys(options).flatMap((name) => (isScalar(read[name]) && read[name] !== options[name] ? [[name, read[name]]] : [])));
}

/** What is wrong about the options, in one sentence. */
function complaint({ way, schema, result }: Fit, options: Options, format: string): string {
  const errors = failureOfIssues(result.error!, options, Object.keys(schema.shape)).errors ?? {};
  const engines = way.engines.map(({ name }) => name).join(' and then ');
  return `The file is of the format ${format} and goes to ${engines}. ${Object.values(errors).flat()[0] ?? 'Its options are invalid.'}`;
}

/**
 * The steps of a task whose inputs are there. Answers INVALID_INPUT for files of no known format and for options that do not fit, INVALID_CONVERSION_TYPE
 * where no engine takes the format. The same request has the same answer; nothing is thrown.
 */
export function routeTask(declaration: OperationDeclaration | undefined, request: RouteRequest, table: ConversionTable): Route {
  const { routing } = declaration ?? {};
  if (!declaration || !routing) return { steps: request.steps };
  const { options, files } = request;
  if (files.length === 0) return refused('INVALID_INPUT', 'The input has no file');
  const asked = typeof options.input_format === 'string' ? options.input_format : undefined;
  const judged = files.map((file) => ({ file, format: formatOf(file, asked) }));
  const unknown = judged.find(({ format }) => format === undefined);
  if (unknown?.file.size === 0) return refused('INVALID_INPUT', `The file ${unknown.file.name} is empty`);
  if (unknown) return refused('INVALID_INPUT', `The format of the file ${unknown.file.name} is not known: its content does not tell it, and no input_format was given`);

  const formats = [...new Set(judged.map(({ format }) => format!))].sort();
  try {
    const ways = routing.ways(options, table, formats);
    if (ways.length === 0) {
      const alone = formats.find((format) => routing.ways(options, table, [format]).length === 0);
      const mixed = `The files are of the formats ${formats.join(', ')}, which cannot be handled by one task`;
      return refused('INVALID_CONVERSION_TYPE', alone === undefined ? mixed : routing.refusal(options, table, alone));
    }
    // What is sealed cannot be looked at; it was checked when it came. That its name is known is all that is asked.
    const sealed = secretNames(declaration, table.engines);
    const readable = Object.fromEntries(Object.entries(options).filter(([name]) => !sealed.has(name)));
    const taking = ways.filter((way) => Object.keys(options).every((name) => !sealed.has(name) || Object.hasOwn(schemaOf(declaration, way.engines).shape, name)));
    const stray = Object.keys(options).find((name) => sealed.has(name));
    if (taking.length === 0) return refused('INVALID_INPUT', `The file is of the format ${formats.join(', ')}, for which the option ${stray} is not supported`);
    const { fits, nearest } = fitting(declaration, taking, readable);
    if (nearest) return refused('INVALID_INPUT', complaint(nearest, readable, formats.join(', ')));
    const set = reread(fits[0]!, readable);
    const steps = fits[0]!.way.steps(options).map((step) => (Object.keys(set).length > 0 ? { ...step, set: { ...set, ...step.set } } : step));
    return { steps };
  } catch (error) {
    // Options of an older catalog may be refused by this one.
    if (isFailure(error)) return refused('INVALID_INPUT', Object.values(error.errors ?? {}).flat()[0] ?? error.publicMessage);
    throw error;
  }
}
