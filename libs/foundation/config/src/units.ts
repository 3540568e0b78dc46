import { z } from 'zod';

const MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** Powers of 1024, as nats-server, Postgres and ffmpeg read them. */
const BYTES = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 } as const;

function quantity(units: Readonly<Record<string, number>>, what: string, example: string) {
  const format = new RegExp(`^(\\d+(?:\\.\\d+)?)\\s*(${Object.keys(units).join('|')})$`, 'i');
  const byLowerCase = new Map(Object.entries(units).map(([unit, factor]) => [unit.toLowerCase(), factor]));
  return z
    .string()
    .transform((text, context) => {
      const [, amount, unit] = format.exec(text.trim()) ?? [];
      const value = Math.round(Number(amount) * (byLowerCase.get(unit?.toLowerCase() ?? '') ?? NaN));
      if (Number.isSafeInteger(value)) return value;
      context.addIssue({ code: 'custom', message: `is not ${what}: a number and one of ${Object.keys(units).join(', ')}` });
      return z.NEVER;
    })
    .meta({ example });
}

/** A length of time such as `250ms`, `20s`, `5h`, in milliseconds. `fallback`, in the same notation, is used when the variable is not set. */
export const duration = (fallback?: string): z.ZodType<number> => {
  const schema = quantity(MS, 'a duration', fallback ?? '20s');
  return fallback === undefined ? schema : schema.prefault(fallback);
};

/** A size such as `512KB` or `1MB` (powers of 1024), in bytes. */
export const bytes = (fallback?: string): z.ZodType<number> => {
  const schema = quantity(BYTES, 'a size', fallback ?? '1MB');
  return fallback === undefined ? schema : schema.prefault(fallback);
};
