export { hmacSha256Hex, safeEqual } from './digest';
export { type SigningSecret, type SigningSecrets } from './signing-key';
export { signUrl, verifySignedUrl, type UrlGrant } from './signed-url';
export { signTicket, verifyTicket } from './ticket';
export { newJobKey, wrapKey, unwrapKey, seal, open, isSealed, type Sealed } from './sealing';
export { newApiKey, hashApiKey, apiKeyPrefix, type NewApiKey } from './api-key';
