import { parseArgs } from 'node:util';
import { SCOPES, type Scope } from '@millrace/contracts';

export const HELP = `Makes, lists and ends API keys, and shows accounts. DATABASE_URL names the database.

  keys create [--name <text>] [--scopes all|user.read,task.read,...] [--email <address>] [--key <text>] [--json]
  keys list [--json]
  keys show [--email <address>] [--json]
  keys revoke <prefix|id> [--json]

A key is shown once, when it is made; only its hash is kept. --email names its owner, whose account is made when there is none
(default: admin@localhost). show names each account, or that of --email, with the prefixes of its keys and the secret that signs its webhooks
(header CloudConvert-Signature); who has it can sign for you. --key takes over a text that clients use already as their key. Scopes: ${SCOPES.join(', ')}.
`;

export type KeysCommand =
  | { readonly verb: 'help' }
  | { readonly verb: 'create'; readonly name: string; readonly scopes: readonly Scope[]; readonly email: string; readonly given?: string; readonly json: boolean }
  | { readonly verb: 'list'; readonly json: boolean }
  | { readonly verb: 'show'; readonly email?: string; readonly json: boolean }
  | { readonly verb: 'revoke'; readonly key: string; readonly json: boolean };

const isScope = (text: string): text is Scope => (SCOPES as readonly string[]).includes(text);

function scopesOf(text: string): readonly Scope[] {
  if (text === 'all') return SCOPES;
  const scopes = text.split(',').map((scope) => scope.trim());
  const unknown = scopes.filter((scope) => !isScope(scope));
  if (unknown.length > 0) throw new TypeError(`--scopes names ${unknown.join(', ')}; known are all, ${SCOPES.join(', ')}`);
  return scopes.filter(isScope);
}

/** Reads the command line. Throws a TypeError that says what is wrong with it. */
export function parseCommand(argv: readonly string[]): KeysCommand {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      name: { type: 'string', default: 'default' },
      scopes: { type: 'string', default: 'all' },
      email: { type: 'string' },
      key: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [verb, target, ...rest] = positionals;
  if (values.help || verb === undefined || verb === 'help') return { verb: 'help' };
  if (rest.length > 0 || (verb !== 'revoke' && target !== undefined)) throw new TypeError(`unexpected: ${[target, ...rest].join(' ')}`);
  const { json, email } = values;
  if (email !== undefined && !/^\S+@\S+$/.test(email)) throw new TypeError('--email is not an address');
  if (verb === 'list') return { verb, json };
  if (verb === 'show') return { verb, json, ...(email !== undefined && { email }) };
  if (verb === 'revoke' && target !== undefined) return { verb, key: target, json };
  if (verb === 'revoke') throw new TypeError('revoke needs the prefix or the id of a key');
  if (verb !== 'create') throw new TypeError(`unknown command: ${verb}`);
  if (values.key !== undefined && values.key.length < 16) throw new TypeError('--key is shorter than 16 characters');
  return { verb, name: values.name, scopes: scopesOf(values.scopes), email: email ?? 'admin@localhost', json, ...(values.key !== undefined && { given: values.key }) };
}
