import { has, u16le, u32le } from '../bytes';
import { COMPOUND_MAGIC, ENTRY_BYTES, entryName, formatOfStreams } from './compound';

/** Reads up to `length` bytes of a file from the offset `at`; fewer at its end. */
export type ReadAt = (at: number, length: number) => Promise<Uint8Array>;

/** An Office document of 2007 or later that a password protects: which one it is lies in what is encrypted. */
export const ENCRYPTED = 'encrypted';

const HEADER_BYTES = 512;
/** FAT sectors that the header names itself; further ones are named by a chain of sectors ([MS-CFB] 2.5). */
const IN_HEADER = 109;
/** A directory of more sectors, and a chain of more, are not followed: 4,096 entries, and files of 512 MB. */
const MOST_SECTORS = 1_024;
const MOST_LINKS = 64;
/** Larger numbers are marks, such as the end of a chain. */
const LAST_SECTOR = 0xfffffffa;

/** The sectors of an OLE2 file. */
class Sectors {
  readonly #bytes: number;
  /** Those that tell where others are; each is read once. */
  readonly #tables = new Map<number, Promise<Uint8Array>>();

  constructor(
    private readonly header: Uint8Array,
    private readonly read: ReadAt,
  ) {
    this.#bytes = u16le(header, 30) === 12 ? 4096 : 512;
  }

  sector(number: number): Promise<Uint8Array> {
    return this.read((number + 1) * this.#bytes, this.#bytes);
  }

  /** The sector that comes after this one; undefined where the file does not tell. */
  async after(number: number): Promise<number | undefined> {
    const perSector = this.#bytes / 4;
    const table = await this.#table(Math.floor(number / perSector));
    return table === undefined ? undefined : this.#entry(await this.#once(table), number % perSector);
  }

  /** The sector that holds this part of the FAT. */
  async #table(part: number): Promise<number | undefined> {
    if (part < IN_HEADER) return this.#entry(this.header, 19 + part);
    const perLink = this.#bytes / 4 - 1;
    let link: number | undefined = this.#entry(this.header, 17);
    let left = part - IN_HEADER;
    for (let count = 0; link !== undefined && count < MOST_LINKS; count += 1, left -= perLink) {
      const list: Uint8Array = await this.#once(link);
      if (left < perLink) return this.#entry(list, left);
      link = this.#entry(list, perLink);
    }
    return undefined;
  }

  #once(number: number): Promise<Uint8Array> {
    const known = this.#tables.get(number) ?? this.sector(number);
    this.#tables.set(number, known);
    return known;
  }

  #entry(bytes: Uint8Array, index: number): number | undefined {
    if (index * 4 + 4 > bytes.length) return undefined;
    const number = u32le(bytes, index * 4);
    return number <= LAST_SECTOR ? number : undefined;
  }
}

async function directoryOf(header: Uint8Array, read: ReadAt): Promise<Uint8Array[]> {
  const sectors = new Sectors(header, read);
  const entries: Uint8Array[] = [];
  const seen = new Set<number>();
  for (let at: number | undefined = u32le(header, 48); at !== undefined && at <= LAST_SECTOR && !seen.has(at) && seen.size < MOST_SECTORS; at = await sectors.after(at)) {
    seen.add(at);
    const bytes = await sectors.sector(at);
    for (let from = 0; from + ENTRY_BYTES <= bytes.length; from += ENTRY_BYTES) entries.push(bytes.subarray(from, from + ENTRY_BYTES));
  }
  return entries;
}

/** The names right below the root: what is embedded in a document is a document of its own, and does not count. */
function rootNames(entries: readonly Uint8Array[]): Set<string> {
  const names = new Set<string>();
  const seen = new Set<number>();
  const open = entries[0] ? [u32le(entries[0], 76)] : [];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const entry = entries[next];
    if (!entry || seen.has(next)) continue;
    seen.add(next);
    names.add(entryName(entry, 0));
    open.push(u32le(entry, 68), u32le(entry, 72));
  }
  return names;
}

/**
 * The format of an OLE2 compound file by its directory, wherever in the file that lies: doc, xls, ppt, vsd, msg or `ENCRYPTED`; undefined when it is
 * none of these, no compound file, or damaged. Reads single sectors, in a number that has a bound. Fails only as `read` does.
 */
export async function compoundFormat(read: ReadAt): Promise<string | undefined> {
  const header = await read(0, HEADER_BYTES);
  if (!has(header, 0, COMPOUND_MAGIC)) return undefined;
  const names = rootNames(await directoryOf(header, read));
  return names.has('EncryptedPackage') ? ENCRYPTED : formatOfStreams(names);
}
