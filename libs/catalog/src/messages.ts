import { Failure } from '@millrace/failures';
import type { z } from 'zod';

/** So many errors are told at once, and so much of a name that a customer made up. */
const MOST_ERRORS = 20;
const NAME_LENGTH = 64;

const label = (field: string): string => field.replaceAll('_', ' ');

/** INVALID_DATA with messages per field. */
export const invalid = (errors: Record<string, string[]>): Failure => new Failure('INVALID_DATA', 'The given data was invalid.', { errors });

/** INVALID_DATA about one field. */
export const invalidField = (field: string, message: string): Failure => invalid({ [field]: [message] });

function outOfRange(field: string, issue: z.core.$ZodIssueTooBig | z.core.$ZodIssueTooSmall): string {
  const upper = issue.code === 'too_big';
  const bound = upper ? issue.maximum : issue.minimum;
  if (issue.origin === 'string') return `The ${label(field)} may not be ${upper ? 'greater' : 'less'} than ${bound} characters.`;
  return upper ? `The ${label(field)} may not be greater than ${bound}.` : `The ${label(field)} must be at least ${bound}.`;
}

const EXPECTED: Record<string, string> = {
  string: 'must be a string',
  number: 'must be a number',
  int: 'must be an integer',
  boolean: 'field must be true or false',
  record: 'must be an object',
  array: 'must be an array',
};

function message(field: string, issue: z.core.$ZodIssue, present: boolean): string {
  if (!present && issue.code !== 'custom') return `The ${label(field)} field is required.`;
  // What is wrong inside a field is told of the field: its values may be secret.
  if (issue.path.length > 1) return `The ${label(field)} format is invalid.`;
  switch (issue.code) {
    case 'invalid_value':
      return `The selected ${label(field)} is invalid. Valid values: ${issue.values.join(', ')}.`;
    case 'invalid_type':
      return `The ${label(field)} ${EXPECTED[issue.expected] ?? 'format is invalid'}.`;
    case 'too_big':
    case 'too_small':
      return outOfRange(field, issue);
    case 'custom':
      return typeof issue.params?.sentence === 'string' ? issue.params.sentence : `The ${label(field)} format is invalid.`;
    default:
      return `The ${label(field)} format is invalid.`;
  }
}

/** What `error` says about `raw`, as the API tells it. */
export function failureOfIssues(error: z.ZodError, raw: Readonly<Record<string, unknown>>, allowed: readonly string[]): Failure {
  const found = new Map<string, Set<string>>();
  const tell = (field: string, sentence: string): void => void found.set(field, (found.get(field) ?? new Set()).add(sentence));
  for (const issue of error.issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys.slice(0, MOST_ERRORS)) {
        const name = key.slice(0, NAME_LENGTH);
        tell(name, `The ${name} option is not supported. Supported options: ${allowed.join(', ') || 'none'}.`);
      }
    } else {
      const field = String(issue.path[0] ?? 'options');
      tell(field, message(field, issue, Object.hasOwn(raw, field)));
    }
  }
  return invalid(Object.fromEntries([...found].slice(0, MOST_ERRORS).map(([field, sentences]) => [field, [...sentences]])));
}
