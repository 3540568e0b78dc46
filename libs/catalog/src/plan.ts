import { secretFields } from '@millrace/contracts';
import { z } from 'zod';
import { contentOf } from './content';
import type { EngineDeclaration, OperationDeclaration, Plan } from './declaration';
import { failureOfIssues, invalidField } from './messages';

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

function checkInput({ operation, input, inputOptional }: OperationDeclaration, value: unknown): void {
  const names = (Array.isArray(value) ? value : [value]).filter((name) => !isAbsent(name));
  if (names.some((name) => typeof name !== 'string')) throw invalidField('input', 'The input must be the name or id of a task, or an array of them.');
  if (names.length === 0 && input !== 'none' && !inputOptional) throw invalidField('input', 'The input field is required.');
  if (names.length > 0 && input === 'none') throw invalidField('input', `The operation ${operation} takes no input.`);
  if (names.length > 1 && input === 'one') throw invalidField('input', `The operation ${operation} takes one input.`);
}

function checkSize(options: Record<string, unknown>): void {
  if (new TextEncoder().encode(JSON.stringify(options)).length > OPTIONS_MAX_BYTES) {
    throw invalidField('options', `The options of a task may not be larger than ${OPTIONS_MAX_BYTES} bytes.`);
  }
}

/** Checks the raw fields of a task against `declaration`. Throws INVALID_DATA or INVALID_CONVERSION_TYPE. */
export function planTask(declaration: OperationDeclaration, raw: unknown, engines: readonly EngineDeclaration[], defaultTimeoutMs: number): Plan {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw invalidField('options', 'The options must be an object.');
  const given: Record<string, unknown> = Object.fromEntries(Object.entries(raw).filter(([key, value]) => !isAbsent(value) && !TASK_FIELDS.has(key)));
  const own = (key: string): unknown => (Object.hasOwn(raw, key) ? (raw as Record<string, unknown>)[key] : undefined);
  const timeoutMs = timeoutOf(own('timeout'), defaultTimeoutMs);
  checkInput(declaration, own('input'));

  const engine = declaration.choose?.(given, engines);
  const schema = z.strictObject({ ...declaration.options.shape, ...engine?.options.shape });
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw failureOfIssues(parsed.error, given, Object.keys(schema.shape));

  const { file, ...rest } = parsed.data;
  const options: Record<string, unknown> = declaration.content ? rest : parsed.data;
  checkSize(options);
  const { place, input, kind } = declaration;
  return {
    options,
    steps: declaration.steps(options, engine),
    secretFields: secretFields(schema).filter((field) => options[field] !== undefined),
    timeoutMs,
    place,
    input,
    kind,
    ...(declaration.content && { content: contentOf(declaration.content, String(file), String(options.filename)) }),
  };
}
