import { loadConfig } from '@millrace/config';
import { environment, type Environment } from './environment';
import { listenSettings } from './listening';

const env = (over: Record<string, string>): Environment =>
  loadConfig(environment, {
    DATABASE_URL: 'postgres://127.0.0.1/none',
    NATS_URL: 'nats://127.0.0.1:9',
    BLOB_DIR: '/nowhere',
    PUBLIC_URL: 'http://files.test',
    MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    URL_SIGNING_SECRET: 'a secret for tests only',
    ...over,
  });

it('listens on one plain port unless TLS is asked for', () => {
  expect(listenSettings(env({ TLS_CERT_FILE: '/nowhere' }))).toEqual({ port: 3000, host: '127.0.0.1' });
});

it('reads certificate and key, and says which file is missing', () => {
  const files = { TLS_CERT_FILE: __filename, TLS_KEY_FILE: __filename };
  expect(listenSettings(env({ TLS_PORT: '8443', TLS_HOST: '0.0.0.0', ...files })).tls).toMatchObject({ port: 8443, host: '0.0.0.0', certificate: expect.stringContaining('listenSettings') });
  expect(() => listenSettings(env({ TLS_PORT: '8443' }))).toThrow('TLS_CERT_FILE is not set, but TLS_PORT is: name a PEM file.');
  expect(() => listenSettings(env({ TLS_PORT: '8443', ...files, TLS_KEY_FILE: '/nowhere/key.pem' }))).toThrow(/TLS_KEY_FILE=\/nowhere\/key\.pem cannot be read: ENOENT/);
});
