import { seccompFilter } from './seccomp';

describe.each(['x64', 'arm64'])('the seccomp filter of %s', (arch) => {
  const filter = seccompFilter(arch)!;

  it('is whole instructions, and jumps stay inside it', () => {
    expect(filter.length % 8).toBe(0);
    const count = filter.length / 8;
    for (let i = 0; i < count; i += 1) {
      const [code, yes, no] = [filter.readUInt16LE(i * 8), filter.readUInt8(i * 8 + 2), filter.readUInt8(i * 8 + 3)];
      if ((code & 0x07) === 0x05) expect(i + 1 + Math.max(yes, no)).toBeLessThan(count);
    }
    expect(filter.readUInt16LE((count - 1) * 8)).toBe(0x06);
  });
});

test('an unknown architecture has no filter', () => {
  expect(seccompFilter('riscv64')).toBeUndefined();
});
