import type { Links } from '@millrace/job-store';
import { Hosts, type Origins } from './hosts';

const PUBLIC: Origins = { publicUrl: 'https://convert.test', storageUrl: 'https://convert.test' };
const hosts = (trustProxy = false): Hosts => new Hosts({ domains: ['cloudconvert.com', 'convert.example.com'], trustProxy }, (origins = PUBLIC) => origins as unknown as Links);

/** Role, and where links lead. */
function seen(host: string | undefined, { encrypted = true, forwarded = {}, trustProxy = false }: { encrypted?: boolean; forwarded?: Record<string, string>; trustProxy?: boolean } = {}): unknown[] {
  const { role, links } = hosts(trustProxy).of({ headers: { ...(host !== undefined && { host }), ...forwarded }, socket: { encrypted } });
  return [role, links.publicUrl, (links as unknown as Origins).storageUrl];
}

it.each([
  ['api.cloudconvert.com', 'api', 'https://api.cloudconvert.com', 'https://storage.cloudconvert.com'],
  ['sync.api.cloudconvert.com', 'sync', 'https://api.cloudconvert.com', 'https://storage.cloudconvert.com'],
  ['eu-central.sync.api.cloudconvert.com:443', 'sync', 'https://api.cloudconvert.com', 'https://storage.cloudconvert.com'],
  ['sync.api.sandbox.cloudconvert.com:8443', 'sync', 'https://api.sandbox.cloudconvert.com:8443', 'https://storage.cloudconvert.com:8443'],
  ['SocketIO.convert.example.com.', 'socketio', 'https://api.convert.example.com', 'https://storage.convert.example.com'],
  ['sync.api.other.test', 'sync', 'https://convert.test', 'https://convert.test'],
  ['convert.example.com', undefined, 'https://convert.test', 'https://convert.test'],
  ['127.0.0.1:8080', undefined, 'https://convert.test', 'https://convert.test'],
])('%s is %s, with links on %s and %s', (host, ...expected) => {
  expect(seen(host)).toEqual(expected);
});

it.each([undefined, '', ' ', ':', '[::1]:80', 'api.cloudconvert.com:', 'api.cloudconvert.com:99999999', 'api.cloudconvert.com:65536', 'api.cloudconvert.com:80:80', 'evil@api.cloudconvert.com', 'api.cloudconvert.com/x', 'a b', '\u0000', '%00', 'api.cloudconvert.com#'])(
  'takes %j for no host of its own',
  (host) => {
    expect(seen(host)).toEqual([undefined, 'https://convert.test', 'https://convert.test']);
  },
);

it('names the scheme that the client speaks', () => {
  expect(seen('api.cloudconvert.com:80', { encrypted: false })).toEqual(['api', 'http://api.cloudconvert.com', 'http://storage.cloudconvert.com']);
  expect(seen('api.cloudconvert.com:8080', { encrypted: false })[1]).toBe('http://api.cloudconvert.com:8080');
});

describe('a proxy in front', () => {
  const forwarded = { 'x-forwarded-host': 'sync.api.cloudconvert.com, inner.proxy', 'x-forwarded-proto': 'https' };

  it('is not believed by itself', () => {
    expect(seen('gateway:3000', { encrypted: false, forwarded })).toEqual([undefined, 'https://convert.test', 'https://convert.test']);
  });

  it('is believed when the operator says so', () => {
    expect(seen('gateway:3000', { encrypted: false, forwarded, trustProxy: true })).toEqual(['sync', 'https://api.cloudconvert.com', 'https://storage.cloudconvert.com']);
    expect(seen('api.cloudconvert.com', { encrypted: false, forwarded: { 'x-forwarded-proto': 'javascript' }, trustProxy: true })[1]).toBe('http://api.cloudconvert.com');
  });

  it('tells who connects, when the operator says so: the address that the nearest one added', () => {
    const socket = { remoteAddress: '10.0.0.1' };
    const addressOf = (header: string | undefined, trusted: boolean) => hosts(trusted).addressOf({ headers: { ...(header !== undefined && { 'x-forwarded-for': header }) }, socket });
    expect(addressOf('203.0.113.9, 198.51.100.7', true)).toBe('198.51.100.7');
    expect(['', undefined].map((header) => addressOf(header, true))).toEqual(['10.0.0.1', '10.0.0.1']);
    expect(addressOf('203.0.113.9', false)).toBe('10.0.0.1');
    expect(hosts().addressOf({ headers: {}, socket: {} })).toBe('');
  });
});
