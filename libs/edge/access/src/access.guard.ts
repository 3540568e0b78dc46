import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Scope } from '@millrace/contracts';
import { Failure } from '@millrace/failures';
import type { LiveKey } from './accounts';
import { setCaller } from './caller';
import { KeyCache } from './key-cache';
import { ANYBODY, REQUIRED_SCOPE } from './require-scope';

const BEARER = /^Bearer +([^\s]{1,4096})$/i;

/** The live key of a request. Throws UNAUTHENTICATED, the same for a missing and a wrong one. */
export async function requireKey(headers: { readonly authorization?: string | undefined }, keys: KeyCache): Promise<LiveKey> {
  const token = BEARER.exec(headers.authorization ?? '')?.[1];
  const key = token === undefined ? undefined : await keys.find(token);
  if (!key) throw new Failure('UNAUTHENTICATED', 'Unauthenticated.');
  return key;
}

/** Lets a request through when its key is live and has the route's scope. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly keys: KeyCache,
  ) {}

  /** Throws UNAUTHENTICATED without a live key, FORBIDDEN without the scope, SERVICE_UNAVAILABLE when keys cannot be looked up. */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const scope = this.reflector.getAllAndOverride<Scope | typeof ANYBODY | undefined>(REQUIRED_SCOPE, [context.getHandler(), context.getClass()]);
    if (scope === ANYBODY) return true;
    const request = context.switchToHttp().getRequest<{ headers: { authorization?: string } }>();
    const key = await requireKey(request.headers, this.keys);
    if (scope === undefined || !key.scopes.includes(scope)) throw new Failure('FORBIDDEN', 'Invalid scope(s) provided.');
    setCaller(request, { account: key.account, apiKey: key.id, scopes: key.scopes });
    return true;
  }
}
