import { hostNames } from '@millrace/contracts';
import { tlsFiles } from '../tls';
import { hostsLines, tlsAdvice } from './tls-advice';

const names = hostNames('cloudconvert.com');

it('names every host once, behind the address that clients reach', () => {
  const words = hostsLines({ host: '127.77.1.2', names }).flatMap((line) => line.split(' '));
  expect(words.filter((word) => word !== '127.77.1.2')).toEqual(names);
  expect(hostsLines({ host: '0.0.0.0', names })[0]).toMatch(/^127\.0\.0\.1 api\.cloudconvert\.com /);
});

it('says what is missing when the port is another', () => {
  const plan = { port: 8443, host: '127.0.0.1', files: tlsFiles('/data/tls'), names };
  expect(tlsAdvice(plan).join('\n')).not.toContain('Port 443');
  expect(tlsAdvice({ ...plan, not443: 'it is taken' }).join('\n')).toContain('Port 443 is not used: it is taken. Clients that name no port need it; forward 443 to 8443.');
});
