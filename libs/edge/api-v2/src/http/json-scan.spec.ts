import { parseJson } from './json-scan';

const refuses = (text: string) => expect(() => parseJson(text, 32)).toThrow(expect.objectContaining({ code: 'INVALID_DATA' }));

it('parses what is sound', () => {
  const value = { a: ['\\"[[[', '{"__proto__":1}', '\\'], b: { c: null } };
  expect(parseJson(JSON.stringify(value), 32)).toEqual(value);
  expect(parseJson(' \n', 32)).toBeUndefined();
  expect(parseJson('["__proto__"]', 32)).toEqual(['__proto__']);
});

it('counts depth outside strings only', () => {
  expect(parseJson(`${'['.repeat(32)}${']'.repeat(32)}`, 32)).toBeDefined();
  refuses(`${'['.repeat(33)}${']'.repeat(33)}`);
  refuses('{"a":'.repeat(100_000));
  expect(parseJson(JSON.stringify(['['.repeat(100)]), 32)).toBeDefined();
});

it('refuses the key __proto__ however it is written', () => {
  refuses('{"__proto__":{}}');
  refuses('{"a":[{"__proto__" \n : 1}]}');
  refuses('{"\\u005f\\u005fproto__":1}');
});

it('refuses what is no JSON', () => {
  for (const text of ['{', '{"a":NaN}', '"\n"', '{"a":1}x', '"unended']) refuses(text);
});
