import { z } from 'zod';
import { Secret } from './secret';

const TRUE = ['on', 'true', 'yes', '1'];
const FALSE = ['off', 'false', 'no', '0'];

/** A switch: `on`, `true`, `yes`, `1` or `off`, `false`, `no`, `0`. */
export const boolean = (fallback?: 'on' | 'off'): z.ZodType<boolean> => {
  const schema = z
    .string()
    .transform((text, context) => {
      const word = text.trim().toLowerCase();
      if (TRUE.includes(word)) return true;
      if (FALSE.includes(word)) return false;
      context.addIssue({ code: 'custom', message: 'is neither on nor off' });
      return z.NEVER;
    })
    .meta({ example: fallback ?? 'on' });
  return fallback === undefined ? schema : schema.prefault(fallback);
};

/** Names separated by commas, without blanks and empty ones: `ffmpeg, sharp`. `allowed` closes the set. */
export const list = (fallback?: string, allowed?: readonly string[]): z.ZodType<readonly string[]> => {
  const schema = z
    .string()
    .transform((text, context) => {
      const items = text.split(',').map((item) => item.trim()).filter((item) => item !== '');
      const unknown = items.filter((item) => allowed !== undefined && !allowed.includes(item));
      if (unknown.length === 0) return items;
      context.addIssue({ code: 'custom', message: `names ${unknown.map((item) => JSON.stringify(item)).join(', ')}, but only ${allowed!.join(', ')} exist` });
      return z.NEVER;
    })
    .meta({ example: fallback || (allowed?.slice(0, 2).join(',') ?? 'one,two') });
  return fallback === undefined ? schema : schema.prefault(fallback);
};

/** A whole number in decimal digits, from `min` to `max`, both included. */
export const integer = (fallback?: number, { min = 0, max = Number.MAX_SAFE_INTEGER }: { min?: number; max?: number } = {}): z.ZodType<number> => {
  const schema = z
    .string()
    .transform((text, context) => {
      const value = /^-?\d+$/.test(text.trim()) ? Number(text) : NaN;
      if (value >= min && value <= max) return value;
      context.addIssue({ code: 'custom', message: `is not a whole number from ${min} to ${max}` });
      return z.NEVER;
    })
    .meta({ example: String(fallback ?? Math.max(min, Math.min(max, 10))) });
  return fallback === undefined ? schema : schema.prefault(String(fallback));
};

/** A TCP port; 0 lets the system choose one. */
export const port = (fallback?: number): z.ZodType<number> => integer(fallback, { max: 65_535 }).meta({ example: String(fallback ?? 3000) });

/** A value that is never printed, at least `minLength` characters long. Read it with `.reveal()`. */
export const secret = ({ minLength = 1, example = 'the output of: openssl rand -hex 32' }: { minLength?: number; example?: string } = {}): z.ZodType<Secret> =>
  z
    .string()
    .transform((text, context) => {
      if (text.length >= minLength) return new Secret(text);
      context.addIssue({ code: 'custom', message: `is shorter than ${minLength} characters` });
      return z.NEVER;
    })
    .meta({ example });
