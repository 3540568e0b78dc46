import { compoundFormat, type ReadAt } from './compound-root';

const SECTOR = 512;
const NONE = 0xffffffff;
const END = 0xfffffffe;

/** Name, left, right and child of an entry; the first is the root. */
type Entry = readonly [name: string, left?: number, right?: number, child?: number];

function entryOf([name, left = NONE, right = NONE, child = NONE]: Entry): Buffer {
  const bytes = Buffer.alloc(128);
  bytes.write(name, 'utf16le');
  bytes.writeUInt16LE(name.length * 2 + 2, 64);
  [left, right, child].forEach((id, i) => bytes.writeUInt32LE(id, 68 + 4 * i));
  return bytes;
}

/** A file with its directory in these sectors, four entries each, and its FAT in sector 0. */
function file(entries: readonly Entry[], sectors: readonly number[], last = END): Buffer {
  const bytes = Buffer.alloc(SECTOR * (Math.max(...sectors) + 2));
  Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(bytes);
  bytes.writeUInt16LE(9, 30);
  bytes.writeUInt32LE(sectors[0]!, 48);
  bytes.fill(0xff, 76, SECTOR);
  bytes.writeUInt32LE(0, 76);
  sectors.forEach((sector, i) => bytes.writeUInt32LE(sectors[i + 1] ?? last, SECTOR + 4 * sector));
  entries.forEach((entry, i) => entryOf(entry).copy(bytes, SECTOR * (sectors[Math.floor(i / 4)]! + 1) + 128 * (i % 4)));
  return bytes;
}

const reader = (bytes: Buffer): ReadAt => async (at, length) => bytes.subarray(at, at + length);
const formatOf = (bytes: Buffer) => compoundFormat(reader(bytes));

it('finds the directory behind the first bytes, and follows it over its sectors', async () => {
  const entries: Entry[] = [['Root Entry', NONE, NONE, 1], ['a', 2, 3], ['b'], ['c', NONE, 4], ['PowerPoint Document']];
  expect(await formatOf(file(entries, [90, 20]))).toBe('ppt');
  expect(await formatOf(file(entries.slice(0, 4), [90]))).toBeUndefined();
});

it('takes what is embedded for no part of the document', async () => {
  expect(await formatOf(file([['Root Entry', NONE, NONE, 1], ['Workbook', NONE, 2], ['Object', NONE, NONE, 3], ['WordDocument']], [40]))).toBe('xls');
});

it('tells a protected document of the newer kind', async () => {
  expect(await formatOf(file([['Root Entry', NONE, NONE, 1], ['EncryptedPackage', NONE, 2], ['EncryptionInfo']], [40]))).toBe('encrypted');
});

it('finds a FAT sector that only the chain behind the header names', async () => {
  // The directory's second sector is told in part 109 of the FAT, the first that the header does not name.
  const first = 109 * 128;
  const bytes = Buffer.concat([file([['Root Entry', NONE, NONE, 4]], [first]), Buffer.alloc(3 * SECTOR)]);
  const at = (sector: number): number => SECTOR * (sector + 1);
  bytes.writeUInt32LE(5, 68);
  bytes.writeUInt32LE(6, at(5));
  bytes.writeUInt32LE(first + 1, at(6));
  entryOf(['WordDocument']).copy(bytes, at(first + 1));
  bytes.writeUInt32LE(END, at(6) + 4);
  expect(await formatOf(bytes)).toBe('doc');
});

it('comes to an end over what is damaged or made to have none', async () => {
  const entries: Entry[] = [['Root Entry', NONE, NONE, 1], ['a', 2, 1], ['b', 1, 2]];
  let reads = 0;
  const counted: ReadAt = (at, length) => ((reads += 1), reader(file(entries, [40, 41], 40))(at, length));
  expect(await compoundFormat(counted)).toBeUndefined();
  expect(reads).toBeLessThan(10);
  const whole = file([['Root Entry', NONE, NONE, 1], ['WordDocument']], [40]);
  for (const cut of [0, 7, 8, 60, 511, 512, 41 * SECTOR]) expect(await formatOf(whole.subarray(0, cut))).toBeUndefined();
  const endless: ReadAt = async (at, length) => {
    reads += 1;
    const bytes = Buffer.alloc(length, 0x01);
    if (at === 0) whole.copy(bytes, 0, 0, 76);
    // Every sector leads to one that was never seen.
    else for (let i = 0; i < length; i += 4) bytes.writeUInt32LE((at + i) % 0xfffff, i);
    return bytes;
  };
  reads = 0;
  await compoundFormat(endless);
  expect(reads).toBeLessThan(3_000);
});
