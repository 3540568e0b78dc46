import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import path from 'node:path';
import { rootCertificates } from 'node:tls';
import { hostPatterns } from '@millrace/contracts';
import ipaddr from 'ipaddr.js';
import { openssl } from './openssl';
import type { TlsFiles } from './tls-files';

/** What a certificate is for. */
export interface Subject {
  /** Domains whose API hosts it covers. */
  readonly domains: readonly string[];
  /** The address that the TLS port listens on, beside loopback; an unspecified one covers nothing more. */
  readonly address: string;
}

/** Apple's clients refuse certificates that are valid for longer. */
const VALID_DAYS = 825;

const LOOPBACK = '127.0.0.1';

/** Names in the certificate, as `subjectAltName` lists them: hosts first. */
export function subjectNames({ domains, address }: Subject): { dns: string[]; ips: string[] } {
  const reachable = isIP(address) !== 0 && ipaddr.parse(address).range() !== 'unspecified';
  return { dns: ['localhost', ...domains.flatMap(hostPatterns)], ips: [...new Set([LOOPBACK, ...(reachable ? [address] : [])])] };
}

/** One address as a name constraint: the address and a mask of ones. */
const only = (address: string): string => (isIP(address) === 6 ? `${address}/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff` : `${address}/255.255.255.255`);

function configuration(subject: Subject): string {
  const { dns, ips } = subjectNames(subject);
  const permitted = ['localhost', ...subject.domains].map((domain) => `permitted;DNS:${domain}`).concat(ips.map((address) => `permitted;IP:${only(address)}`));
  return [
    '[req]',
    'prompt = no',
    'distinguished_name = nobody',
    '[nobody]',
    'CN = Millrace',
    '[authority]',
    'basicConstraints = critical, CA:TRUE, pathlen:0',
    'keyUsage = critical, keyCertSign',
    'subjectKeyIdentifier = hash',
    `nameConstraints = critical, ${permitted.join(', ')}`,
    '[server]',
    'basicConstraints = critical, CA:FALSE',
    'keyUsage = critical, digitalSignature',
    'extendedKeyUsage = serverAuth',
    'subjectKeyIdentifier = hash',
    'authorityKeyIdentifier = keyid',
    `subjectAltName = ${[...dns.map((name) => `DNS:${name}`), ...ips.map((address) => `IP:${address}`)].join(', ')}`,
    '',
  ].join('\n');
}

const newKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

/**
 * Makes a certificate authority that may sign for these names only, and one server certificate. The key of the authority is forgotten: nobody can
 * ever sign anything else in its name.
 * @throws OpensslError
 */
export async function issue(files: TlsFiles, subject: Subject): Promise<void> {
  const config = path.join(files.folder, 'openssl.cnf');
  const authorityKey = path.join(files.folder, 'authority-key.pem');
  // openssl reads keys from files only. What lies in this one can be read by nobody: its passphrase is in our memory and goes through a pipe.
  const passphrase = randomBytes(32).toString('hex');
  writeFileSync(config, configuration(subject), { mode: 0o600 });
  writeFileSync(authorityKey, newKey().export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }), { mode: 0o600 });
  writeFileSync(files.key, newKey().export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const request = (extensions: string, name: string, out: string, ...keys: string[]): Promise<void> =>
    openssl(['req', '-x509', '-new', '-config', config, '-extensions', extensions, '-subj', `/CN=${name}`, '-days', String(VALID_DAYS), '-out', out, '-passin', 'stdin', ...keys], `${passphrase}\n`);
  await request('authority', `Millrace local CA ${new Date().toISOString().slice(0, 10)}`, files.ca, '-key', authorityKey);
  await request('server', 'Millrace', files.certificate, '-CA', files.ca, '-CAkey', authorityKey, '-key', files.key);
  rmSync(authorityKey);
  rmSync(config);
  writeFileSync(files.bundle, [...rootCertificates, readFileSync(files.ca, 'utf8')].join('\n'), { mode: 0o644 });
}
