import type { OperationEntry } from '@millrace/catalog';

const GROUP_ORDER = ['document', 'spreadsheet', 'presentation', 'image', 'audio', 'video'];

const rank = (group: string): number => (GROUP_ORDER.indexOf(group) + GROUP_ORDER.length + 1) % (GROUP_ORDER.length + 1);

/** Rows of one table: formats that become the same ones by the same engine share a line. */
function rows(entries: readonly OperationEntry[]): string[] {
  const targets = new Map<string, { from: string[]; engine: string; to: string }>();
  const bySource = new Map<string, Set<string>>();
  for (const { input_format: from, output_format: to, engine } of entries) {
    const key = `${engine} ${from}`;
    bySource.set(key, (bySource.get(key) ?? new Set()).add(to!));
  }
  for (const [key, set] of bySource) {
    const [engine = '', from = ''] = key.split(' ');
    const to = [...set].sort().join(', ');
    const row = targets.get(`${engine} ${to}`) ?? { from: [], engine, to };
    row.from.push(from);
    targets.set(`${engine} ${to}`, row);
  }
  return [...targets.values()].map(({ from, engine, to }) => `| ${from.sort().join(', ')} | ${to} | ${engine} |`).sort();
}

/** docs/formats.md of a catalog. */
export function formatsPage(entries: readonly OperationEntry[]): string {
  const conversions = entries.filter(({ operation }) => operation === 'convert');
  const groups = [...new Set(conversions.map(({ meta }) => meta.group))].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const others = [...new Set(entries.filter(({ operation }) => operation !== 'convert').map(({ operation }) => operation))].sort();
  return [
    '# Formats',
    '',
    'Made by `npm run matrix`; not to be edited by hand. Every conversion below was done from a small sample, and its result opened again: a picture that is blank, a film without its',
    'stream or a document that lost its text does not count. A conversion that failed is not offered, nor is one of a format that there was no sample of.',
    'A running installation offers those whose engine one of its workers has: `GET /v2/operations`. `npm run convert -- --options <from> <to>` lists the options of one.',
    '',
    `${conversions.length} conversions.`,
    ...groups.flatMap((group) => ['', `## ${group[0]!.toUpperCase()}${group.slice(1)}`, '', '| from | to | engine |', '| --- | --- | --- |', ...rows(conversions.filter(({ meta }) => meta.group === group))]),
    '',
    '## Other operations',
    '',
    others.map((operation) => `\`${operation}\``).join(', '),
    '',
  ].join('\n');
}
