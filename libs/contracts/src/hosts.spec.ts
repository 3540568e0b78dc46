import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { hostNames, hostPatterns, parseHost } from './hosts';

const DOMAINS = ['cloudconvert.com', 'sandbox.example.com', 'api.example.com'];

describe('the host that a request is for', () => {
  it.each([
    ['api.cloudconvert.com', 'api', false, undefined, 'cloudconvert.com'],
    ['API.CloudConvert.COM.', 'api', false, undefined, 'cloudconvert.com'],
    ['sync.api.cloudconvert.com', 'sync', false, undefined, 'cloudconvert.com'],
    ['eu-central.api.cloudconvert.com', 'api', false, 'eu-central', 'cloudconvert.com'],
    ['us-east.sync.api.cloudconvert.com', 'sync', false, 'us-east', 'cloudconvert.com'],
    ['api.sandbox.cloudconvert.com', 'api', true, undefined, 'cloudconvert.com'],
    ['sync.api.sandbox.cloudconvert.com', 'sync', true, undefined, 'cloudconvert.com'],
    ['socketio.cloudconvert.com', 'socketio', false, undefined, 'cloudconvert.com'],
    ['socketio.sandbox.cloudconvert.com', 'socketio', true, undefined, 'cloudconvert.com'],
    ['storage.cloudconvert.com', 'storage', false, undefined, 'cloudconvert.com'],
    ['upload.sandbox.cloudconvert.com', 'storage', true, undefined, 'cloudconvert.com'],
    ['s.cloudconvert.com', 'signed', false, undefined, 'cloudconvert.com'],
    ['sync.api.anything.test', 'sync', false, undefined, 'anything.test'],
    ['sync.api', 'sync', false, undefined, ''],
    ['api.sandbox.example.com', 'api', false, undefined, 'sandbox.example.com'],
    ['sync.api.sandbox.sandbox.example.com', 'sync', true, undefined, 'sandbox.example.com'],
    ['storage.api.example.com', 'storage', false, undefined, 'api.example.com'],
    ['sync.api.api.example.com', 'sync', false, undefined, 'api.example.com'],
  ])('%s', (name, role, sandbox, region, domain) => {
    expect(parseHost(name, DOMAINS)).toEqual({ role, sandbox, ...(region !== undefined && { region }), domain });
  });

  it.each(['cloudconvert.com', 'sync.cloudconvert.com', 'www.cloudconvert.com', 'localhost', '127.0.0.1', '[::1]', '', '.', 'api..cloudconvert.com', 'api.cloud convert.com', 'api.-x.com', `api.${'x'.repeat(250)}.com`, 'api.ünicode.com', '__proto__', 'constructor'])(
    'is nothing known by the name %j',
    (name) => {
      expect(parseHost(name, DOMAINS)).toBeUndefined();
    },
  );
});

it('names hosts that it reads again, each covered by a name of the certificate', () => {
  const certificate = { subject: { CN: 'none' }, subjectaltname: hostPatterns('cloudconvert.com').map((name) => `DNS:${name}`).join(', ') } as unknown as PeerCertificate;
  for (const name of hostNames('cloudconvert.com')) {
    expect(parseHost(name, DOMAINS)?.domain).toBe('cloudconvert.com');
    expect(checkServerIdentity(name, certificate)).toBeUndefined();
  }
  expect(checkServerIdentity('api.example.com', certificate)).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
});
