/**
 * The names that a request wants included: separated by commas, repeated, or as `include[]`. Which are known is for the resource to say;
 * others are ignored (contract §16.7).
 */
export function includeOf(query: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const values = Object.entries(query).flatMap(([key, value]) => (/^include(\[\d*\])?$/.test(key) ? [value].flat() : []));
  return new Set(values.flatMap((value) => (typeof value === 'string' ? value.split(',').map((name) => name.trim()) : [])).filter((name) => name !== ''));
}
