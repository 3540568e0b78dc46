import { hmacSha256Hex } from '@millrace/signing';

/** Name of the header, as receivers look for it (contract §9.2). */
export const SIGNATURE_HEADER = 'CloudConvert-Signature';

/** Proves to a receiver that these exact bytes come from here: lower-case hex HMAC-SHA256 under the account's signing secret. */
export const signatureOf = (bytes: Uint8Array, signingSecret: string): string => hmacSha256Hex(signingSecret, bytes);
