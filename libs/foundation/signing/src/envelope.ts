import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Failure } from '@millrace/failures';

/** AES-256-GCM with a random 96-bit nonce and a 128-bit tag (NIST SP 800-38D §5.2, §8.2.2). */
const CIPHER = 'aes-256-gcm';
export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const TEXT = /^[A-Za-z0-9_-]+$/;

/** base64url of nonce, tag and ciphertext. Throws a TypeError for a key that is not 32 bytes long. */
export function encrypt(key: Uint8Array, plaintext: Uint8Array, aad: string): string {
  checkKey(key);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(aad, 'utf8'));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]).toString('base64url');
}

/** The plaintext of `encrypt`. Throws FORBIDDEN when key, aad or text differ in a single bit; the message tells nothing more. */
export function decrypt(key: Uint8Array, text: string, aad: string): Buffer {
  checkKey(key);
  const bytes = Buffer.from(text, 'base64url');
  // Node decodes leniently: without the comparison several texts would stand for one ciphertext.
  if (!TEXT.test(text) || bytes.toString('base64url') !== text || bytes.length < NONCE_BYTES + TAG_BYTES) throw unopenable();
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(aad, 'utf8')).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw unopenable(cause);
  }
}

/** The one failure of everything that cannot be opened. */
export function unopenable(cause?: unknown): Failure {
  return new Failure('FORBIDDEN', 'A sealed value could not be opened.', { cause });
}

function checkKey(key: Uint8Array): void {
  if (key.length !== KEY_BYTES) throw new TypeError(`a key of ${KEY_BYTES} bytes is needed`);
}
