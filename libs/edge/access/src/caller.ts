import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Scope } from '@millrace/contracts';

/** Who makes a request: proven by an API key. */
export interface Caller {
  readonly account: number;
  /** Id of the API key. */
  readonly apiKey: string;
  readonly scopes: readonly Scope[];
}

const CALLER = Symbol('caller');
type Carrier = { [CALLER]?: Caller };

/** Notes on the request who made it. */
export function setCaller(request: object, caller: Caller): void {
  (request as Carrier)[CALLER] = caller;
}

/** Who made the request. Throws a RangeError on a route that asks for no key: a fault of the route. */
export function callerOf(request: object): Caller {
  const caller = (request as Carrier)[CALLER];
  if (!caller) throw new RangeError('the route asks for no API key, so nobody is known');
  return caller;
}

/** The parameter of a handler that takes the `Caller`. */
export const FromCaller = createParamDecorator((_: unknown, context: ExecutionContext) => callerOf(context.switchToHttp().getRequest<object>()));
