/** The bytes `from` to `to` as Latin-1 text; short at the end of the data. */
export function text(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', from, to);
}

/** True when `bytes` holds `expected` (Latin-1) at `offset`. */
export function has(bytes: Uint8Array, offset: number, expected: string): boolean {
  return text(bytes, offset, offset + expected.length) === expected;
}

/** Little-endian unsigned 16 bits; 0 beyond the end. */
export function u16le(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] ?? 0) | ((bytes[offset + 1] ?? 0) << 8);
}

/** Little-endian unsigned 32 bits; 0 beyond the end. */
export function u32le(bytes: Uint8Array, offset: number): number {
  return (u16le(bytes, offset) | (u16le(bytes, offset + 2) << 16)) >>> 0;
}

/** Big-endian unsigned 32 bits; 0 beyond the end. */
export function u32be(bytes: Uint8Array, offset: number): number {
  return (((bytes[offset] ?? 0) << 24) | ((bytes[offset + 1] ?? 0) << 16) | ((bytes[offset + 2] ?? 0) << 8) | (bytes[offset + 3] ?? 0)) >>> 0;
}
