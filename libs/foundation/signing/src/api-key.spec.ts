import { apiKeyPrefix, hashApiKey, newApiKey } from './api-key';

describe('an API key', () => {
  it('carries its prefix and is stored as a hash', () => {
    const { key, prefix, hash } = newApiKey();
    expect(key).toMatch(/^mr_[a-z0-9]{8}_[A-Za-z0-9_-]{43}$/);
    expect(apiKeyPrefix(key)).toBe(prefix);
    expect(hashApiKey(key)).toBe(hash);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is new each time', () => {
    const keys = Array.from({ length: 200 }, newApiKey);
    expect(new Set(keys.map(({ key }) => key)).size).toBe(200);
    expect(new Set(keys.map(({ prefix }) => prefix)).size).toBe(200);
  });

  it('is hashed with SHA-256', () => {
    expect(hashApiKey('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it.each(['', 'mr_', 'mr_abcdefgh_short', `xx_abcdefgh_${'a'.repeat(43)}`, `mr_ABCDEFGH_${'a'.repeat(43)}`, `mr_abcdefgh_${'a'.repeat(44)}`])('has no prefix when it is %p', (text) => {
    expect(apiKeyPrefix(text)).toBeUndefined();
  });
});
