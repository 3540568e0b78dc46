import type { Scope } from '@millrace/contracts';

export interface Account {
  readonly id: number;
  readonly username: string;
  readonly email: string;
  /** ISO. */
  readonly createdAt: string;
}

/** A key as its owner may see it; the key itself is known to nobody but them. */
export interface ApiKey {
  readonly id: string;
  readonly account: number;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
}

/** A key that may be used, with the hash it was found by. */
export interface LiveKey {
  readonly id: string;
  readonly account: number;
  readonly scopes: readonly Scope[];
  readonly hash: string;
}

/** What a guard asks of the accounts. */
export interface KeyLookup {
  /** The key with this SHA-256 (hex), unless it was revoked. Notes its use. */
  liveKey(hash: string): Promise<LiveKey | undefined>;
}

/** An account as its operator sees it. */
export interface AccountWithKeys extends Account {
  /** Signs the webhooks of its jobs; for its owner's eyes, never for a log. */
  readonly webhookSecret: string;
  /** The newest first. */
  readonly keys: readonly ApiKey[];
}

export interface Accounts extends KeyLookup {
  account(id: number): Promise<Account | undefined>;
}
