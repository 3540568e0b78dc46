import { secret } from '@millrace/contracts';
import { z } from 'zod';
import { createCatalog } from './catalog';
import { describedOptions } from './described-options';
import { decimal, filename, flag, format, integer, text, version } from './fields';
import { requestHeaders, webUrl } from './web-fields';

const schema = z.object({
  input_format: format().optional(),
  engine_version: version().optional(),
  filename: filename().optional(),
  pages: text(9).regex(/\d/).optional(),
  width: integer(1, 9).optional(),
  crf: decimal(0, 51).default(23),
  strip: flag().default(false),
  fit: z.enum(['max', 'crop']).default('max'),
  password: secret(text(9)).optional(),
  url: webUrl(),
  headers: requestHeaders(),
});

it('describes options by what they are read as', () => {
  const plain = { default: null, possible_values: null };
  expect(describedOptions(schema, 'process')).toEqual([
    { name: 'pages', type: 'string', ...plain },
    { name: 'width', type: 'integer', ...plain },
    { name: 'crf', type: 'float', default: 23, possible_values: null },
    { name: 'strip', type: 'boolean', default: false, possible_values: null },
    { name: 'fit', type: 'enum', default: 'max', possible_values: ['max', 'crop'] },
    { name: 'password', type: 'string', ...plain },
    { name: 'url', type: 'string', ...plain },
    { name: 'headers', type: 'dictionary', ...plain },
  ]);
  expect(describedOptions(schema, 'import').map(({ name }) => name)).toContain('filename');
});

it('describes every option of this build', () => {
  for (const { operation, options } of createCatalog({ faultEngine: true }).entries()) {
    expect(new Set(options.map(({ name }) => name)).size).toBe(options.length);
    for (const option of options) {
      expect([operation, option.name, option.type === 'enum']).toEqual([operation, option.name, option.possible_values !== null]);
      if (option.default !== null && option.possible_values) expect(option.possible_values).toContain(String(option.default));
    }
  }
});
