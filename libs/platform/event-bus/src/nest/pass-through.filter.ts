import { Catch, type RpcExceptionFilter } from '@nestjs/common';
import { throwError, type Observable } from 'rxjs';

/**
 * Hands a handler's error to the transport as it is: `app.useGlobalFilters(new PassThroughRpcFilter())`. Nest's own filter puts
 * `{ status: 'error', message: 'Internal server error' }` in its place, and the transport could no longer tell what to retry.
 */
@Catch()
export class PassThroughRpcFilter implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
