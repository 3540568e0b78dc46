import { z } from 'zod';
import { canonicalFormat } from './formats';

// Postgres keeps neither NUL nor half a surrogate pair in jsonb.
const UNSTORABLE = /\0|\p{Surrogate}/u;

/** Text of at most `max` UTF-16 units that a database can keep. */
export const text = (max: number) => z.string().max(max).refine((value) => !UNSTORABLE.test(value));

/** An integer, also as a numeric string. */
export const integer = (min: number, max: number) =>
  z.preprocess((value) => (typeof value === 'string' && /^-?\d{1,15}$/.test(value.trim()) ? Number(value) : value), z.int().min(min).max(max));

/** A number, also as a string. */
export const decimal = (min: number, max: number) =>
  z.preprocess((value) => (typeof value === 'string' && /^-?\d{1,15}(\.\d{1,15})?$/.test(value.trim()) ? Number(value) : value), z.number().min(min).max(max));

const FLAGS = new Map<unknown, boolean>([
  ['true', true],
  ['1', true],
  [1, true],
  ['false', false],
  ['0', false],
  [0, false],
]);

/** A boolean, also as "true", "false", 1 or 0. */
export const flag = () => z.preprocess((value) => FLAGS.get(value) ?? value, z.boolean());

/** The name of a file: one path segment without control characters. */
export const filename = () => text(255).refine((value) => value !== '.' && value !== '..' && !/[/\\\p{Cc}]/u.test(value));

/** A version as asked for; it becomes a token of a bus subject. */
export const version = () => z.preprocess((value) => (typeof value === 'number' ? String(value) : value), z.string().max(32).regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/));

/** A file extension, made canonical. */
export const format = () => text(32).transform(canonicalFormat);
