import { createHash, randomBytes, randomInt } from 'node:crypto';

/** A fresh API key: `key` is shown once to its owner, `prefix` finds it, `hash` is what is stored. */
export interface NewApiKey {
  readonly key: string;
  readonly prefix: string;
  readonly hash: string;
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const KEY = /^mr_([a-z0-9]{8})_[A-Za-z0-9_-]{43}$/;

/** Makes `mr_<8 characters>_<43 characters base64url>`: a public prefix and 256 random bits. */
export function newApiKey(): NewApiKey {
  const prefix = Array.from({ length: 8 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  const key = `mr_${prefix}_${randomBytes(32).toString('base64url')}`;
  return { key, prefix, hash: hashApiKey(key) };
}

/** SHA-256 hex of the whole key. No slow hash is needed for 256 random bits; compare with `safeEqual`. */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key, 'utf8').digest('hex');
}

/** The prefix to look a key up by; undefined for a text that cannot be a key. */
export function apiKeyPrefix(key: string): string | undefined {
  return KEY.exec(key)?.[1];
}
