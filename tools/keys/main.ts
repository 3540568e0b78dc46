import { PostgresAccounts } from '@millrace/access';
import { createDatabase } from '@millrace/database';
import { accountJson, accountText } from './account';
import { HELP, type KeysCommand, parseCommand } from './arguments';

async function run(command: Exclude<KeysCommand, { verb: 'help' }>, accounts: PostgresAccounts): Promise<string> {
  const show = (value: unknown, text: string): string => (command.json ? JSON.stringify(value) : text);
  if (command.verb === 'create') {
    const { name, scopes, email, given } = command;
    const account = await accounts.ensureAccount(email, email.split('@')[0]!);
    const { secret, ...key } = await accounts.createKey({ account, name, scopes, ...(given !== undefined && { given }) });
    return show({ ...key, key: secret }, `${secret}\n\nKey ${key.prefix} (${name}) of ${email}: ${scopes.join(', ')}. It is not shown again.`);
  }
  if (command.verb === 'list') {
    const keys = await accounts.keys();
    const lines = keys.map((key) => [key.prefix, key.revokedAt ? 'revoked' : 'live', key.email, key.name, key.scopes.join(','), `last used ${key.lastUsedAt ?? 'never'}`].join('  '));
    return show(keys, lines.join('\n') || 'There is no key.');
  }
  if (command.verb === 'show') {
    const found = await accounts.accounts(command.email);
    if (found.length === 0) throw new RangeError(command.email === undefined ? 'there is no account' : `there is no account of ${command.email}`);
    return show(found.map(accountJson), found.map(accountText).join('\n\n'));
  }
  const revoked = await accounts.revoke(command.key);
  if (revoked === 0) throw new RangeError(`no live key has the prefix or id ${command.key}`);
  return show({ revoked }, `${revoked} key${revoked === 1 ? '' : 's'} revoked. It may work for 3 more seconds.`);
}

async function main(): Promise<void> {
  const command = parseCommand(process.argv.slice(2));
  if (command.verb === 'help') return void process.stdout.write(HELP);
  const url = process.env['DATABASE_URL'];
  if (!url) throw new TypeError('DATABASE_URL is not set: it names the database, for example postgres://millrace:secret@127.0.0.1:5432/millrace');
  const database = createDatabase({ url, applicationName: 'millrace-keys', poolSize: 1, connectTimeoutMs: 5_000 });
  try {
    process.stdout.write(`${await run(command, new PostgresAccounts(database))}\n`);
  } finally {
    await database.close();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`keys: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
