import { z } from 'zod';
import { key, keyBytes } from './key';
import { loadConfig } from './load-config';

const schema = z.object({ MASTER_KEY: key(4) });

it('takes a key of the right length and never prints it', () => {
  const { MASTER_KEY } = loadConfig(schema, { MASTER_KEY: 'AQIDBA==' });
  expect([...keyBytes(MASTER_KEY)]).toEqual([1, 2, 3, 4]);
  expect(`${MASTER_KEY}`).not.toContain('AQID');
});

it('names the length that is wanted, and not the value', () => {
  expect(() => loadConfig(schema, { MASTER_KEY: 'AQID' })).toThrow(/MASTER_KEY is not base64 of 4 bytes\. For example: MASTER_KEY=the output of: openssl rand -base64 4/);
  expect(() => loadConfig(schema, { MASTER_KEY: 'AQID' })).not.toThrow(/AQID/);
});
