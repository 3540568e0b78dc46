import path from 'node:path';
import { readSettings, SettingsError } from './settings';

const checkout = path.resolve(__dirname, '../..');
const counts = (scale: string[], variables: Record<string, string> = {}): Record<string, number> =>
  Object.fromEntries(readSettings(checkout, { scale: scale.length > 0 ? scale : undefined }, variables).services.map(({ name, count }) => [name, count]));

describe('settings of npm run up', () => {
  it('starts two gateways and one of all others', () => {
    expect(counts([])).toEqual({ 'api-gateway': 2, 'job-orchestrator': 1, 'import-service': 1, 'engine-ffmpeg': 1, 'engine-office': 1, 'export-service': 1, 'webhook-dispatcher': 1 });
  });

  it('scales one service over all of them, in any order', () => {
    expect(counts(['engine-ffmpeg=3', 'all=2'])).toMatchObject({ 'api-gateway': 2, 'engine-ffmpeg': 3, 'export-service': 2 });
    expect(counts([], { MILLRACE_SCALE: 'all=2,api-gateway=1' })).toMatchObject({ 'api-gateway': 1, 'engine-office': 2 });
  });

  it.each([
    [{ scale: ['word=2'] }, /--scale=word=2.*unknown service "word", one of all, api-gateway/],
    [{ scale: ['all=0'] }, /--scale=all=0.*such as all=2/],
    [{ scale: ['api-gateway=9'] }, /at most 8 gateways/],
    [{ port: '80' }, /--port=80.*a number from 1024 to 65000/],
    [{ publicUrl: 'ftp://x' }, /--public-url=ftp:\/\/x.*an http or https URL/],
    [{ publicUrl: 'https://x/v2' }, /without \/v2/],
    [{ key: 'short' }, /--key.*16 to 200/],
    [{ tls: true, tlsPort: '70000' }, /--tls-port=70000.*a number from 1 to 65535/],
    [{ tlsPort: '443' }, /--tls-port and --tls-host are of use with --tls only/],
    [{ tlsNames: 'example.com,x_y' }, /--tls-names=example\.com,x_y.*domains without "api\."/],
    [{ tlsNames: ',' }, /--tls-names=,/],
  ])('refuses %j', (flags, message) => {
    expect(() => readSettings(checkout, flags, {})).toThrow(SettingsError);
    expect(() => readSettings(checkout, flags, {})).toThrow(message);
  });

  it('takes a flag before its variable', () => {
    expect(readSettings(checkout, { port: '9000' }, { MILLRACE_PORT: '9100' }).port).toBe(9000);
    expect(readSettings(checkout, {}, { MILLRACE_PORT: '9100' }).port).toBe(9100);
  });

  it('serves hard-coded hosts over TLS only when that is asked for', () => {
    expect(readSettings(checkout, {}, { MILLRACE_TLS_PORT: '8443' })).not.toHaveProperty('tls');
    expect(readSettings(checkout, { tls: true }, { MILLRACE_TLS_PORT: '8443' }).tls).toEqual({ host: '127.0.0.1', port: 8443 });
    expect(readSettings(checkout, {}, { MILLRACE_TLS: 'on', MILLRACE_TLS_HOST: '0.0.0.0' }).tls).toEqual({ host: '0.0.0.0' });
    expect(() => readSettings(checkout, {}, { MILLRACE_TLS: 'maybe' })).toThrow('MILLRACE_TLS=maybe: on or off.');
  });

  it('tells the gateways the domains, and certificates the same', () => {
    expect(readSettings(checkout, {}, {})).toMatchObject({ domains: ['cloudconvert.com'], passed: {} });
    const { domains, passed } = readSettings(checkout, { tlsNames: 'Convert.Example.com, cloudconvert.com' }, { HOST_NAMES: 'other.test' });
    expect([domains, passed['HOST_NAMES']]).toEqual([['convert.example.com', 'cloudconvert.com'], 'convert.example.com,cloudconvert.com']);
    expect(readSettings(checkout, {}, { HOST_NAMES: 'other.test' })).toMatchObject({ domains: ['other.test'], passed: { HOST_NAMES: 'other.test' } });
  });

  it('hands on what .env.example documents for the services, and nothing else', () => {
    const { passed } = readSettings(checkout, {}, { LOG_LEVEL: 'debug', FAULT_ENGINE: 'on', MILLRACE_PORT: '9100', PUBLIC_URL: 'https://x', AWS_SECRET: 'no' });
    expect(passed).toEqual({ LOG_LEVEL: 'debug', FAULT_ENGINE: 'on' });
  });
});
