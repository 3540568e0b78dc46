import type { AccountWithKeys } from '@millrace/access';

/** An account as `keys show --json` tells it. */
export function accountJson({ id, email, username, createdAt, webhookSecret, keys }: AccountWithKeys): object {
  return {
    account: id,
    email,
    username,
    created_at: createdAt,
    webhook_signing_secret: webhookSecret,
    keys: keys.map((key) => ({ id: key.id, prefix: key.prefix, name: key.name, live: key.revokedAt === null, scopes: key.scopes, last_used_at: key.lastUsedAt })),
  };
}

/** The same for reading. */
export function accountText({ id, email, webhookSecret, keys }: AccountWithKeys): string {
  const lines = keys.map(({ prefix, name, revokedAt }) => `    ${prefix}  ${revokedAt === null ? 'live' : 'revoked'}  ${name}`);
  return [`account ${id}  ${email}`, `  webhook signing secret  ${webhookSecret}`, '  keys', ...(lines.length > 0 ? lines : ['    none'])].join('\n');
}
