import { SetMetadata } from '@nestjs/common';
import type { Scope } from '@millrace/contracts';

export const REQUIRED_SCOPE = 'millrace:scope';
/** The value that opens a route to everybody. */
export const ANYBODY = 'anybody';

/** The scope that a key needs for the route. A route with neither this nor `@Anybody()` is closed. */
export const RequireScope = (scope: Scope) => SetMetadata(REQUIRED_SCOPE, scope);

/** Opens a route or a controller to requests without a key: health, signed links. */
export const Anybody = () => SetMetadata(REQUIRED_SCOPE, ANYBODY);
