import { up as jobLog } from './0001-job-log';
import { up as readModels } from './0002-read-models';
import { up as accounts } from './0003-accounts';
import { up as signedWebhooks } from './0004-signed-webhooks';
import { up as lists } from './0005-lists';

/** Every migration in its order; the number is for ever. */
export const MIGRATIONS: readonly { readonly version: number; readonly name: string; readonly up: string }[] = [
  { version: 1, name: 'job-log', up: jobLog },
  { version: 2, name: 'read-models', up: readModels },
  { version: 3, name: 'accounts', up: accounts },
  { version: 4, name: 'signed-webhooks', up: signedWebhooks },
  { version: 5, name: 'lists', up: lists },
];
