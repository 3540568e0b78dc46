import { Failure } from '@millrace/failures';
import { safeEqual } from './digest';
import { refuseExpired, unixSeconds } from './expiry';
import { keyId, secretOf, signature, type SigningSecret, type SigningSecrets } from './signing-key';

/** `<base64url body>.<key id>.<base64url signature>`. */
const TOKEN = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{8})\.([A-Za-z0-9_-]{43})$/;

/** A token that carries `payload` (JSON) and proves that we made it, until `expiresAt` (whole seconds, rounded down). It hides nothing. */
export function signTicket(secret: SigningSecret, payload: object, expiresAt: Date): string {
  const body = Buffer.from(JSON.stringify({ exp: unixSeconds(expiresAt), payload }), 'utf8').toString('base64url');
  const id = keyId(secret);
  return `${body}.${id}.${sign(secret, body)}`;
}

/** The payload of a ticket made by `signTicket`. Throws FORBIDDEN for any other token, GONE for an expired one. */
export function verifyTicket<T extends object>(secrets: SigningSecrets, token: string, now: Date): T {
  const [, body, id, sig] = TOKEN.exec(token) ?? [];
  const secret = secretOf(secrets, id ?? '');
  if (!body || !id || !sig || !secret || !safeEqual(sig, sign(secret, body))) throw new Failure('FORBIDDEN', 'This ticket is not valid.');
  const { exp, payload } = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as { exp: number; payload: T };
  refuseExpired(exp, now, 'This ticket');
  return payload;
}

function sign(secret: SigningSecret, body: string): string {
  return signature(secret, `millrace-ticket-v1\n${body}`);
}
