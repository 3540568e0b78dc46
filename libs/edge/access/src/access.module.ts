import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AccessGuard } from './access.guard';
import type { Accounts } from './accounts';
import { KeyCache } from './key-cache';

/** Injection token of the `Accounts`. */
export const ACCOUNTS = Symbol('accounts');

/** Guards every route of the application: each names its scope or is open to anybody. */
@Module({})
export class AccessModule {
  static register({ accounts, keys = new KeyCache(accounts) }: { accounts: Accounts; keys?: KeyCache }): DynamicModule {
    return {
      module: AccessModule,
      global: true,
      providers: [
        { provide: ACCOUNTS, useValue: accounts },
        { provide: KeyCache, useValue: keys },
        { provide: APP_GUARD, useClass: AccessGuard },
      ],
      exports: [ACCOUNTS],
    };
  }
}
