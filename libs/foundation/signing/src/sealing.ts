import { randomBytes } from 'node:crypto';
import { decrypt, encrypt, KEY_BYTES, unopenable } from './envelope';

/** A value that only the holder of its job's key can read; safe in the log. */
export interface Sealed {
  readonly $sealed: string;
}

/** Versions of the formats; they and the purpose are bound into every aad, so that a wrapped key never passes for a sealed value. */
const SEALED = 'v1.';
const WRAPPED = 'k1.';

/** A fresh key of 32 bytes, one per job. Its deletion makes all that it sealed unreadable. */
export function newJobKey(): Buffer {
  return randomBytes(KEY_BYTES);
}

/** `jobKey` under `masterKey` (32 bytes) as text for a database; `aad` names its owner, e.g. the job's id. */
export function wrapKey(masterKey: Uint8Array, jobKey: Uint8Array, aad: string): string {
  if (jobKey.length !== KEY_BYTES) throw new TypeError(`a job key has ${KEY_BYTES} bytes`);
  return WRAPPED + encrypt(masterKey, jobKey, `${WRAPPED}${aad}`);
}

/** The job key that `wrapKey` wrapped. Throws FORBIDDEN for another master key, another aad or a changed text. */
export function unwrapKey(masterKey: Uint8Array, wrapped: string, aad: string): Buffer {
  return decrypt(masterKey, after(WRAPPED, wrapped), `${WRAPPED}${aad}`);
}

/** Seals `plaintext` (anything JSON can hold). `aad` binds it to its place, e.g. `<task id>/<field>`: it opens nowhere else. Throws a TypeError for what JSON cannot hold. */
export function seal(jobKey: Uint8Array, plaintext: unknown, aad: string): Sealed {
  const json = JSON.stringify(plaintext) as string | undefined;
  if (json === undefined) throw new TypeError('only a JSON value can be sealed');
  return { $sealed: SEALED + encrypt(jobKey, Buffer.from(json, 'utf8'), `${SEALED}${aad}`) };
}

/** The value that `seal` sealed. Throws FORBIDDEN for another key, another aad or a changed text. */
export function open(jobKey: Uint8Array, sealed: Sealed, aad: string): unknown {
  return JSON.parse(decrypt(jobKey, after(SEALED, sealed.$sealed), `${SEALED}${aad}`).toString('utf8'));
}

/** True for the shape that `seal` returns. It proves no origin: a customer can write this shape too, so only values sealed here may be trusted to open. */
export function isSealed(value: unknown): value is Sealed {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 1) return false;
  const text = (value as Partial<Sealed>).$sealed;
  return typeof text === 'string' && text.startsWith(SEALED);
}

function after(mark: string, text: string): string {
  if (!text.startsWith(mark)) throw unopenable();
  return text.slice(mark.length);
}
