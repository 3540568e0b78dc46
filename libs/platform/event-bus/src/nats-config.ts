import { Failure } from '@millrace/failures';
import { NATS_SERVICES, inboxPrefix, permissionsOf, type NatsService, type PermissionOptions } from './nats-permissions';

export interface NatsConfigOptions extends PermissionOptions {
  /** Port for clients; -1 lets the server choose one and log it. */
  readonly port: number;
  /** Address to listen on. Default: loopback. */
  readonly host?: string;
  /** Folder of JetStream's files, absolute. */
  readonly storeDir: string;
  /** Password per service. Only the services named here can connect, so a single-purpose server may name two. */
  readonly users: Partial<Record<NatsService, string>>;
  /** Most bytes JetStream may keep on disk. Default: 4 GiB. */
  readonly maxStoreBytes?: number;
}

const quote = (text: string): string => JSON.stringify(text);
const list = (subjects: readonly string[]): string => `[${subjects.map(quote).join(', ')}]`;

function checkedPassword(service: string, password: string): string {
  // A leading `$` would be read as a bcrypt hash; quotes, backslashes and control characters could end the string early.
  if (!/^[!#%-[\]-~][!#-[\]-~]{7,}$/.test(password)) {
    throw new Failure('INTERNAL_ERROR', `The NATS password of ${service} must be 8 or more printable characters without quotes, backslashes or spaces and must not begin with "$"`);
  }
  return password;
}

function userBlock(service: NatsService, password: string, options: PermissionOptions): string {
  const { publish, subscribe } = permissionsOf(service, options);
  return [
    `    { user: ${quote(service)}, password: ${quote(checkedPassword(service, password))}, permissions: {`,
    `      publish: { allow: ${list(publish)} }`,
    `      subscribe: { allow: ${list([...subscribe, `${inboxPrefix(service)}.>`])} }`,
    '    } }',
  ].join('\n');
}

/**
 * Text of a nats-server 2.9.10 configuration with JetStream and one user per service. The user's name is the service's, its inbox prefix
 * `_INBOX_<service>`. It holds passwords: write it with mode 0600.
 *
 * `ping_interval` 2 s with `ping_max` 2 makes a frozen responder leave its queue group within seconds; `max_payload` is 1 MB (contracts keep
 * every message below it).
 * @throws Failure INTERNAL_ERROR for a password that the file format cannot hold safely.
 */
export function natsConfig({ port, host = '127.0.0.1', storeDir, users, maxStoreBytes = 4 * 1024 ** 3, ...permissions }: NatsConfigOptions): string {
  const blocks = NATS_SERVICES.flatMap((service) => {
    const password = users[service];
    return password === undefined ? [] : [userBlock(service, password, permissions)];
  });
  return `server_name: "millrace"
listen: ${quote(`${host}:${port}`)}
ping_interval: "2s"
ping_max: 2
write_deadline: "5s"
max_payload: 1MB
jetstream {
  store_dir: ${quote(storeDir)}
  max_memory_store: 64MB
  max_file_store: ${maxStoreBytes}
}
authorization {
  users: [
${blocks.join('\n')}
  ]
}
`;
}
