import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, get } from 'node:https';
import { type AddressInfo, isIP } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkServerIdentity } from 'node:tls';
import { ensureCertificates } from './certificates';
import { openssl } from './openssl';
import { tlsFiles } from './tls-files';

const SUBJECT = { domains: ['cloudconvert.com', 'convert.example.com'], address: '127.77.3.4' };
const DAY_MS = 24 * 3_600_000;

let home: string;
let folder: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'millrace-tls-'));
  folder = path.join(home, 'tls');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** What a client says that trusts `ca` and asks for `servername`: `welcome`, or its error code. */
async function handshake(ca: string, servername: string): Promise<string> {
  const { certificate, key } = tlsFiles(folder);
  const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (_, response) => response.end('welcome'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const said = await new Promise<string>((resolve) => {
    get({ host: '127.0.0.1', port, servername: isIP(servername) ? '' : servername, ca: readFileSync(ca), agent: false, checkServerIdentity: (_, peer) => checkServerIdentity(servername, peer) }, (response) => response.on('data', (text) => resolve(String(text))).resume()).on('error', (error: NodeJS.ErrnoException) => resolve(error.code!));
  });
  server.close();
  return said;
}

it('makes a certificate that clients of the hosts accept once they trust the authority', async () => {
  const { files, renewed } = await ensureCertificates(folder, SUBJECT);
  expect(renewed).toBe('there was none');
  for (const name of ['api.cloudconvert.com', 'eu-central.sync.api.cloudconvert.com', 'sync.api.sandbox.convert.example.com', 'localhost', '127.0.0.1', '127.77.3.4']) {
    expect([name, await handshake(files.ca, name)]).toEqual([name, 'welcome']);
  }
  expect(await handshake(files.bundle, 'storage.cloudconvert.com')).toBe('welcome');
  expect(await handshake(files.ca, 'api.example.com')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
});

it('keeps no key of the authority, and the one of the server from other users', async () => {
  const { files } = await ensureCertificates(folder, SUBJECT);
  expect(readdirSync(home)).toEqual(['tls']);
  expect(readdirSync(folder).sort()).toEqual(['bundle.pem', 'ca.pem', 'server-key.pem', 'server.pem']);
  expect(statSync(files.key).mode & 0o777).toBe(0o600);
  const keys = readdirSync(folder).flatMap((name) => readFileSync(path.join(folder, name), 'utf8').match(/BEGIN [A-Z ]*PRIVATE KEY/g) ?? []);
  expect(keys).toHaveLength(1);
});

it('limits the authority to these names, so that trusting it costs nobody else anything', async () => {
  const { files } = await ensureCertificates(folder, SUBJECT);
  const shown = path.join(home, 'ca.txt');
  await openssl(['x509', '-in', files.ca, '-noout', '-text', '-out', shown], '');
  const text = readFileSync(shown, 'utf8');
  expect(text).toMatch(/X509v3 Name Constraints: critical\s+Permitted:\s+DNS:localhost\s+DNS:cloudconvert\.com\s+DNS:convert\.example\.com\s+IP:127\.0\.0\.1\/255\.255\.255\.255\s+IP:127\.77\.3\.4/);
  expect(text).toMatch(/X509v3 Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
});

it('stays as it is until names change or expiry is near', async () => {
  const { files } = await ensureCertificates(folder, SUBJECT);
  const first = readFileSync(files.ca, 'utf8');
  expect((await ensureCertificates(folder, { ...SUBJECT, domains: [...SUBJECT.domains].reverse() })).renewed).toBeUndefined();
  expect(readFileSync(files.ca, 'utf8')).toBe(first);
  expect((await ensureCertificates(folder, SUBJECT, Date.now() + 764 * DAY_MS)).renewed).toBeUndefined();
  expect((await ensureCertificates(folder, SUBJECT, Date.now() + 766 * DAY_MS)).renewed).toBe('the last one was about to expire');
  const second = readFileSync(files.ca, 'utf8');
  expect(second).not.toBe(first);
  expect((await ensureCertificates(folder, { ...SUBJECT, address: '::1' })).renewed).toBe('its names have changed');
  expect((await ensureCertificates(folder, { ...SUBJECT, address: '::1' })).renewed).toBeUndefined();
  writeFileSync(files.ca, second);
  expect((await ensureCertificates(folder, { ...SUBJECT, address: '::1' })).renewed).toBe('its files did not belong together');
});

it('says what openssl refuses', async () => {
  await expect(openssl(['req', '-nonsense'], '')).rejects.toThrow(/^openssl req: .*nonsense/);
});

it('says which package is missing when there is no openssl', async () => {
  const { PATH } = process.env;
  process.env['PATH'] = home;
  try {
    await expect(ensureCertificates(folder, SUBJECT)).rejects.toThrow(/openssl \(3\.0 or newer\), which is not installed: apt-get install openssl\.$/);
  } finally {
    process.env['PATH'] = PATH;
  }
});
