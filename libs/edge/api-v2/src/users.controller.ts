import { Controller, Get, Inject } from '@nestjs/common';
import { ACCOUNTS, type Accounts, type Caller, FromCaller, FromHost, type RequestHost, RequireScope } from '@millrace/access';
import { Failure } from '@millrace/failures';
import { wireTime } from '@millrace/job-store';
import type { Data } from './shown';

/** Nothing is metered here, but clients look whether there is any credit before they begin. */
const CREDITS = 1_000;

/** Contract §2.4. */
interface UserResource {
  readonly id: number;
  readonly username: string;
  readonly email: string;
  readonly created_at: string;
  readonly credits: number;
  readonly paying: boolean;
  readonly task_priority: number | null;
  readonly tasks_per_minute: number | null;
  readonly links: { readonly self: string };
}

@Controller('v2/users')
export class UsersController {
  constructor(@Inject(ACCOUNTS) private readonly accounts: Accounts) {}

  @Get('me')
  @RequireScope('user.read')
  async me(@FromCaller() caller: Caller, @FromHost() host: RequestHost): Promise<Data<UserResource>> {
    const account = await this.accounts.account(caller.account);
    if (!account) throw new Failure('NOT_FOUND', 'The user was not found.');
    const { id, username, email, createdAt } = account;
    const links = { self: `${host.links.publicUrl}/v2/users/${id}` };
    return { data: { id, username, email, created_at: wireTime(createdAt), credits: CREDITS, paying: false, task_priority: null, tasks_per_minute: null, links } };
  }
}
