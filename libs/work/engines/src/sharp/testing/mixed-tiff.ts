const BYTES_OF_TYPE: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1 };
const STRIP_OFFSETS = 273;

/** Where the offset of the next directory of a little-endian TIFF stands, for the directory at `ifd`. */
const nextOf = (tiff: Buffer, ifd: number): number => ifd + 2 + 12 * tiff.readUInt16LE(ifd);

/** The offset that ends the chain of directories. */
function endOf(tiff: Buffer): number {
  let at = 4;
  for (let ifd = tiff.readUInt32LE(at); ifd !== 0; ifd = tiff.readUInt32LE(at)) at = nextOf(tiff, ifd);
  return at;
}

/** One TIFF of the pages of `a` and the one page of `b`, each uncompressed and little-endian; unlike sharp's own, pages may differ in size. */
export function joinTiffs(a: Buffer, b: Buffer): Buffer {
  const base = a.length + (a.length % 2);
  const joined = Buffer.concat([a, Buffer.alloc(a.length % 2), b]);
  const shift = (at: number): void => void joined.writeUInt32LE(joined.readUInt32LE(at) + base, at);
  const ifd = b.readUInt32LE(4) + base;
  joined.writeUInt32LE(ifd, endOf(a));
  for (let entry = ifd + 2; entry < nextOf(joined, ifd); entry += 12) {
    const count = joined.readUInt32LE(entry + 4);
    const apart = (BYTES_OF_TYPE[joined.readUInt16LE(entry + 2)] ?? 0) * count > 4;
    if (apart) shift(entry + 8);
    if (joined.readUInt16LE(entry) !== STRIP_OFFSETS) continue;
    if (!apart) shift(entry + 8);
    else for (let strip = 0; strip < count; strip += 1) shift(joined.readUInt32LE(entry + 8) + 4 * strip);
  }
  return joined;
}

/** `tiff` with its last directory followed by its first: a chain without end. */
export function loopTiff(tiff: Buffer): Buffer {
  const loop = Buffer.from(tiff);
  loop.writeUInt32LE(tiff.readUInt32LE(4), endOf(tiff));
  return loop;
}
