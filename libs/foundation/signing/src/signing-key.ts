import { createHmac } from 'node:crypto';

/** A secret that signs URLs and tickets. */
export type SigningSecret = string | Uint8Array;

/** What a verifier accepts: one secret, or the current one and those before it while a rotation lasts. */
export type SigningSecrets = SigningSecret | readonly SigningSecret[];

/** base64url HMAC-SHA256 of `message` (43 characters). Throws a TypeError for an empty secret, which would sign for everybody. */
export function signature(secret: SigningSecret, message: string): string {
  if (secret.length === 0) throw new TypeError('a signing secret may not be empty');
  return createHmac('sha256', secret).update(message, 'utf8').digest('base64url');
}

/** A public name of `secret`, derived from it one way, so that a verifier with several secrets knows which one signed. */
export function keyId(secret: SigningSecret): string {
  return signature(secret, 'millrace-key-id').slice(0, 8);
}

/** The secret whose `keyId` is `id`. */
export function secretOf(secrets: SigningSecrets, id: string): SigningSecret | undefined {
  const all = typeof secrets === 'string' || secrets instanceof Uint8Array ? [secrets] : secrets;
  return all.find((secret) => keyId(secret) === id);
}
