import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { RequestHost } from './hosts';

const HOST = Symbol('host');
type Carrier = { [HOST]?: RequestHost };

/** Notes on the request by which host it came. */
export function setHost(request: object, host: RequestHost): void {
  (request as Carrier)[HOST] = host;
}

/** By which host the request came. Throws a RangeError when nobody noted it: a fault of the server's set-up. */
export function hostOf(request: object): RequestHost {
  const host = (request as Carrier)[HOST];
  if (!host) throw new RangeError('the host of the request was not noted');
  return host;
}

/** The parameter of a handler that takes the `RequestHost`. */
export const FromHost = createParamDecorator((_: unknown, context: ExecutionContext) => hostOf(context.switchToHttp().getRequest<object>()));
