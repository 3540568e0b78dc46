/** One line of the table; null where there is nothing to compare with, or no aim. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The same unit, measured in the same run. */
  readonly yardstick: number | null;
  /** value / yardstick. */
  readonly ratio: number | null;
  /** In words, as `<= 60 ms`. */
  readonly aim: string;
  readonly met: boolean;
}

const round = (value: number): number => Number(value.toPrecision(4));

/** @param met looks at the value as measured, not as rounded. */
export function figure(name: string, value: number, unit: string, aim: string, met: (value: number, ratio: number) => boolean, yardstick?: number): Figure {
  const ratio = yardstick === undefined ? null : value / yardstick;
  return { name, value: round(value), unit, yardstick: yardstick === undefined ? null : round(yardstick), ratio: ratio === null ? null : round(ratio), aim, met: met(value, ratio ?? NaN) };
}

/** The value below which a share of `values` lies: 0.5 the median, 0.99 the slow end. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('no values');
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The lines as a table for people. */
export function table(figures: readonly Figure[]): string {
  const head = ['figure', 'value', 'unit', 'yardstick', 'ratio', 'aim', 'met'];
  const rows = figures.map(({ name, value, unit, yardstick, ratio, aim, met }) => [name, String(value), unit, String(yardstick ?? '-'), String(ratio ?? '-'), aim, met ? 'yes' : 'NO']);
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  return [head, ...rows].map((row) => row.map((cell, i) => cell.padEnd(widths[i]!)).join('  ').trimEnd()).join('\n');
}
