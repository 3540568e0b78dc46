import { BaseRpcContext } from '@nestjs/microservices';
import type { BusMessage } from '../bus-message';
import type { Headers } from '../codec';

/** What a handler may ask about its message, by `@Ctx() context: BusContext`. */
export class BusContext extends BaseRpcContext<[string, Headers, BusMessage | undefined]> {
  get subject(): string {
    return this.getArgByIndex(0);
  }

  get headers(): Headers {
    return this.getArgByIndex(1);
  }

  /** The message of a stream; undefined in the handler of a request. Do not settle it: the transport does. */
  get message(): BusMessage | undefined {
    return this.getArgByIndex(2);
  }
}
