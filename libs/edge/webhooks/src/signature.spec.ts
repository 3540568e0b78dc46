import { signatureOf } from './signature';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');

it('signs as receivers verify: vector of contract §9.2', () => {
  expect(signatureOf(bytes('cloudconvert'), '90sffs0d8fs0f9sf0')).toBe('5c4c0691bce8a1a2af738b7073fe0627e792734813358c5f88a658819dd0a6d2');
});

it('signs bytes, so that another spelling of the same JSON has another signature', () => {
  const spellings = ['{"a":"ü/"}', '{"a":"\\u00fc/"}', '{"a":"ü\\/"}', '{"a": "ü/"}'].map((text) => signatureOf(bytes(text), 'secret'));
  expect(new Set(spellings).size).toBe(4);
  expect(spellings[0]).toMatch(/^[0-9a-f]{64}$/);
});
