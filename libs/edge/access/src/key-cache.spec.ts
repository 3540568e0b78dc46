import { hashApiKey } from '@millrace/signing';
import type { LiveKey } from './accounts';
import { KeyCache } from './key-cache';

it('looks a key up once in 3 s, and unknown keys each time', async () => {
  let now = 0;
  const asked: string[] = [];
  const keys = new Map<string, LiveKey>([[hashApiKey('known'), { id: 'k', account: 1, scopes: [], hash: hashApiKey('known') }]]);
  const cache = new KeyCache({ liveKey: async (hash) => (asked.push(hash), keys.get(hash)) }, () => now);
  expect([(await cache.find('known'))?.id, (await cache.find('known'))?.id, await cache.find('other'), await cache.find('other')]).toEqual(['k', 'k', undefined, undefined]);
  expect(asked).toHaveLength(3);
  keys.clear();
  now = 3_000;
  expect(await cache.find('known')).toBeUndefined();
});

it('believes no row whose hash is another', async () => {
  const cache = new KeyCache({ liveKey: async () => ({ id: 'k', account: 1, scopes: [], hash: hashApiKey('another') }) });
  expect(await cache.find('known')).toBeUndefined();
});
