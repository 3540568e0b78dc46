import type { EngineResult } from '@millrace/engine-kit';

export type Facts = NonNullable<EngineResult['metadata']>;
type Fact = Facts[string];

/** Facts about our own copy of the file and about the program, not about what the customer sent. */
const OURS = new Set(['SourceFile', 'ExifToolVersion', 'FileName', 'Directory', 'FileModifyDate', 'FileAccessDate', 'FileCreateDate', 'FileInodeChangeDate', 'FilePermissions']);
const NAME = /^[A-Za-z][\w:-]{0,63}$/;
/** What the program says about its own installation, to whoever runs it. */
const HINT = /^Install [\w:]+ to /;
/** What stands for a value that is no text, such as a picture within a picture. */
const BINARY = /^\(Binary data \d+ bytes/;
const CONTROL = /[^\P{Cc}\n\t]|\p{Surrogate}/gu;
/** UTF-16 units; a longer value is a text of its own, not a fact about a file. */
const VALUE_LENGTH = 1000;
/** Bytes of JSON; an event of the log holds 64 KB with everything else in it. */
const TOTAL_BYTES = 32 * 1024;

/** The facts of a file as the log can keep them. */
export interface KeptFacts {
  readonly facts: Facts;
  /** How many did not fit. */
  readonly omitted: number;
}

function cut(text: string): string {
  return text.length > VALUE_LENGTH ? `${text.slice(0, VALUE_LENGTH)}…` : text;
}

/** Undefined for what is no fact that a customer could read. */
function factOf(value: unknown): Fact | undefined {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'string') return BINARY.test(value) || HINT.test(value) ? undefined : cut(value).replace(CONTROL, ' ');
  if (!Array.isArray(value)) return undefined;
  const parts = value.map(factOf).filter((part) => part !== undefined && part !== null);
  return parts.length > 0 ? cut(parts.join(', ')) : undefined;
}

/**
 * A flat map of names to scalars out of what exiftool says of a file: lists joined, texts without control characters and of 1,000 units
 * at most, without binary values and without what concerns our own copy. What does not fit into 32 KB is left out, the last first.
 */
export function factsOf(record: Readonly<Record<string, unknown>>): KeptFacts {
  const kept: [string, Fact][] = [];
  let room = TOTAL_BYTES;
  let omitted = 0;
  for (const [name, value] of Object.entries(record)) {
    const fact = OURS.has(name) || !NAME.test(name) ? undefined : factOf(value);
    if (fact === undefined) continue;
    const size = Buffer.byteLength(JSON.stringify([name, fact]));
    if (size > room) {
      omitted += 1;
      continue;
    }
    room -= size;
    kept.push([name, fact]);
  }
  return { facts: Object.fromEntries(kept), omitted };
}
