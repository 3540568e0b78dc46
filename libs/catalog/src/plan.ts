import { contentOf } from './content';
import type { ConversionTable } from './conversion-table';
import type { OperationDeclaration, Options, Plan } from './declaration';
import { failureOfIssues, invalidField } from './messages';
import { versionOf } from './steps';
import { unsupported } from './unsupported';
import { type Fit, fitting, secretNames } from './way-options';

/** Fields of a task that are no options of its operation. */
const TASK_FIELDS = new Set(['operation', 'name', 'input', 'ignore_error', 'timeout']);

/** So large may the options of one task be as JSON, bytes; sealed and with its frame they stay below an event's 64 KB. */
const OPTIONS_MAX_BYTES = 32 * 1024;

/** Longest timeout that can be asked for, seconds. */
const MAX_TIMEOUT_S = 86_400;

const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === '';

function timeoutOf(value: unknown, fallbackMs: number): number {
  if (isAbsent(value)) return fallbackMs;
  const seconds = typeof value === 'string' && /^\d{1,15}(\.\d{1,6})?$/.test(value.trim()) ? Number(value) : value;
  if (typeof seconds !== 'number' || !(seconds >= 1 && seconds <= MAX_TIMEOUT_S)) {
    throw invalidField('timeout', `The timeout must be a number of seconds between 1 and ${MAX_TIMEOUT_S}.`);
  }
  return Math.ceil(seconds * 1000);
}

function checkInput({ operation, input, inputOptional, fewestInputs = 1 }: OperationDeclaration, value: unknown): void {
  const names = [...new Set((Array.isArray(value) ? value : [value]).filter((name) => !isAbsent(name)))];
  if (names.some((name) => typeof name !== 'string')) throw invalidField('input', 'The input must be the name or id of a task, or an array of them.');
  if (names.length === 0 && input !== 'none' && !inputOptional) throw invalidField('input', 'The input field is required.');
  if (names.length < fewestInputs && input === 'many' && !inputOptional) throw invalidField('input', `The input must name at least ${fewestInputs} tasks.`);
  if (names.length > 0 && input === 'none') throw invalidField('input', `The operation ${operation} takes no input.`);
  if (names.length > 1 && input === 'one') throw invalidField('input', `The operation ${operation} takes one input.`);
}

function checkSize(options: Record<string, unknown>): void {
  if (new TextEncoder().encode(JSON.stringify(options)).length > OPTIONS_MAX_BYTES) {
    throw invalidField('options', `The options of a task may not be larger than ${OPTIONS_MAX_BYTES} bytes.`);
  }
}

/** As given but for what is made canonical; of the options of engines no default is filled in, since it may be another engine in the end. */
function kept(declaration: OperationDeclaration, given: Options, fits: readonly Fit[]): Record<string, unknown> {
  const [first, ...others] = fits.map(({ result }) => result.data!);
  const same = (name: string): boolean => others.every((other) => JSON.stringify(other[name]) === JSON.stringify(first![name]));
  const names = Object.keys(first!).filter((name) => Object.hasOwn(given, name) || Object.hasOwn(declaration.options.shape, name));
  // Read differently by two engines, it stays as it came until one of them is chosen.
  return Object.fromEntries(names.map((name) => [name, same(name) ? first![name] : given[name]]));
}

/** Checks the raw fields of a task against `declaration`. Throws INVALID_DATA or INVALID_CONVERSION_TYPE, both with messages per field. */
export function planTask(declaration: OperationDeclaration, raw: unknown, table: ConversionTable, defaultTimeoutMs: number): Plan {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw invalidField('options', 'The options must be an object.');
  const given: Record<string, unknown> = Object.fromEntries(Object.entries(raw).filter(([key, value]) => !isAbsent(value) && !TASK_FIELDS.has(key)));
  const own = (key: string): unknown => (Object.hasOwn(raw, key) ? (raw as Record<string, unknown>)[key] : undefined);
  const timeoutMs = timeoutOf(own('timeout'), defaultTimeoutMs);
  checkInput(declaration, own('input'));

  const ways = declaration.routing?.ways(given, table) ?? [{ engines: [], steps: (options: Options) => declaration.steps!.map((step) => ({ ...step, version: versionOf(options) })) }];
  if (ways.length === 0) throw unsupported(given, declaration.routing?.offers(table) ?? []);
  const { fits, nearest } = fitting(declaration, ways, given);
  if (nearest) throw failureOfIssues(nearest.result.error!, given, Object.keys(nearest.schema.shape));

  const { file, ...rest } = kept(declaration, given, fits);
  const options: Record<string, unknown> = declaration.content || file === undefined ? rest : { ...rest, file };
  checkSize(options);
  const { place, input, kind } = declaration;
  return {
    options,
    steps: fits[0]!.way.steps(options),
    secretFields: [...secretNames(declaration, table.engines)].filter((field) => options[field] !== undefined),
    timeoutMs,
    place,
    input,
    kind,
    ...(declaration.content && { content: contentOf(declaration.content, String(file), String(options.filename)) }),
  };
}
