import fc from 'fast-check';
import { isSealed, newJobKey, open, seal, unwrapKey, wrapKey } from './sealing';

const key = newJobKey();
const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('a sealed value', () => {
  it('opens to what was sealed', () => {
    fc.assert(fc.property(fc.jsonValue(), fc.string(), (value, aad) => expect(open(key, seal(key, value, aad), aad)).toEqual(JSON.parse(JSON.stringify(value)))));
  });

  it('never opens with another key or aad', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), fc.string(), bytes, (value, aad, other, otherKey) => {
        fc.pre(aad !== other && !key.equals(otherKey));
        const sealed = seal(key, value, aad);
        expect(() => open(key, sealed, other)).toThrow('FORBIDDEN');
        expect(() => open(otherKey, sealed, aad)).toThrow('FORBIDDEN');
      }),
    );
  });

  it('never opens after a change, not even one that base64 would forgive', () => {
    const { $sealed } = seal(key, { authorization: 'Bearer x' }, 'task/headers');
    fc.assert(
      fc.property(fc.nat($sealed.length - 1), fc.nat(3), fc.stringMatching(/^[A-Za-z0-9_=.\n-]{0,3}$/), (at, cut, put) => {
        const changed = $sealed.slice(0, at) + put + $sealed.slice(at + cut);
        fc.pre(changed !== $sealed);
        expect(() => open(key, { $sealed: changed }, 'task/headers')).toThrow('FORBIDDEN');
      }),
      { numRuns: 2000 },
    );
    expect(() => open(key, { $sealed: '' }, '')).toThrow('FORBIDDEN');
  });

  it('shows nothing of its plaintext and differs each time', () => {
    const canary = 'canary-7f3a9c';
    const [a, b] = [seal(key, canary, ''), seal(key, canary, '')];
    expect(a.$sealed).not.toBe(b.$sealed);
    const raw = Buffer.from(a.$sealed.slice(3), 'base64url');
    expect(raw.includes(canary)).toBe(false);
    expect(a.$sealed).not.toContain(Buffer.from(canary).toString('base64url'));
  });

  it('is recognised by its shape', () => {
    expect(isSealed(seal(key, null, ''))).toBe(true);
    for (const other of [null, undefined, 'v1.x', 1, [], {}, { $sealed: 1 }, { $sealed: 'x' }, { $sealed: 'v1.x', more: 1 }]) expect(isSealed(other)).toBe(false);
  });

  it('is not made of what JSON cannot hold, nor with a short key', () => {
    expect(() => seal(key, undefined, '')).toThrow(TypeError);
    expect(() => seal(key.subarray(1), 1, '')).toThrow(TypeError);
  });
});

describe('a wrapped key', () => {
  const master = newJobKey();

  it('unwraps under its master key and aad only', () => {
    const wrapped = wrapKey(master, key, 'job-1');
    expect(unwrapKey(master, wrapped, 'job-1').equals(key)).toBe(true);
    expect(() => unwrapKey(master, wrapped, 'job-2')).toThrow('FORBIDDEN');
    expect(() => unwrapKey(newJobKey(), wrapped, 'job-1')).toThrow('FORBIDDEN');
    expect(() => unwrapKey(master, `${wrapped}A`, 'job-1')).toThrow('FORBIDDEN');
    expect(() => wrapKey(master, key.subarray(1), 'job-1')).toThrow(TypeError);
  });

  it('never passes for a sealed value, under the same key and aad', () => {
    const wrapped = wrapKey(master, key, 'a');
    expect(() => open(master, { $sealed: wrapped }, 'a')).toThrow('FORBIDDEN');
    expect(() => open(master, { $sealed: wrapped.replace('k1.', 'v1.') }, 'a')).toThrow('FORBIDDEN');
  });
});
