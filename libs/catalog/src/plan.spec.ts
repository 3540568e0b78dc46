import { isFailure } from '@millrace/failures';
import fc from 'fast-check';
import { createCatalog } from './catalog';

const catalog = createCatalog({ faultEngine: true });

/** What a plan is refused with. */
function refusal(operation: string, options: Record<string, unknown>): { code: string; errors?: Record<string, readonly string[]> } {
  try {
    catalog.plan(operation, options);
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { code: error.code, ...(error.errors && { errors: error.errors }) };
  }
  throw new Error('the plan was accepted');
}

const convert = (options: Record<string, unknown>): Record<string, unknown> => ({ input: 'i', output_format: 'png', ...options });

describe('fields of the task itself', () => {
  it('are accepted everywhere and leave the options', () => {
    const plan = catalog.plan('import/url', { operation: 'import/url', name: null, ignore_error: true, timeout: 5, url: 'http://invalid.url' });
    expect(plan).toEqual({ options: { url: 'http://invalid.url' }, steps: [{ engine: 'import-url', version: 'any' }], secretFields: [], timeoutMs: 5000, place: 'worker', input: 'none', kind: 'import' });
  });

  it.each([
    [1, 1000],
    ['90', 90_000],
    [86_400, 86_400_000],
    [1.5, 1500],
    [undefined, 18_000_000],
    [null, 18_000_000],
    ['', 18_000_000],
  ])('timeout %p is %p ms', (timeout, ms) => {
    expect(catalog.plan('fault', { timeout }).timeoutMs).toBe(ms);
  });

  it.each([0, -1, 86_401, 'soon', true, NaN, Infinity, [], {}])('refuses the timeout %p', (timeout) => {
    expect(refusal('fault', { timeout }).errors).toEqual({ timeout: ['The timeout must be a number of seconds between 1 and 86400.'] });
  });

  it('takes the default timeout of its settings', () => {
    expect(createCatalog({ faultEngine: true, defaultTimeoutMs: 7 }).plan('fault', {}).timeoutMs).toBe(7);
  });

  it.each([undefined, null, '', []])('misses the input where one is needed: %p', (input) => {
    expect(refusal('convert', { input, output_format: 'png' }).errors).toEqual({ input: ['The input field is required.'] });
    expect(refusal('export/url', { input }).errors).toEqual({ input: ['The input field is required.'] });
    expect(catalog.plan('fault', { input }).input).toBe('many');
    expect(catalog.plan('import/url', { input, url: 'http://a.b' }).input).toBe('none');
  });

  it('refuses an input where none is taken', () => {
    expect(refusal('import/url', { input: 'a', url: 'http://a.b' }).errors).toEqual({ input: ['The operation import/url takes no input.'] });
  });
});

describe('import/url', () => {
  it('seals its headers and does no network work', () => {
    const plan = catalog.plan('import/url', { url: 'HTTP://169.254.169.254/x', filename: 'ä.pdf', headers: { Authorization: 'Bearer s' } });
    expect([plan.secretFields, plan.options]).toEqual([['headers'], { url: 'HTTP://169.254.169.254/x', filename: 'ä.pdf', headers: { Authorization: 'Bearer s' } }]);
  });

  it.each(['ftp://a.b/c', 'file:///etc/passwd', 'a.b', 'http://', 'http:a.b', 'http://a b', 'javascript:alert(1)', 'http://a.b/\0'])('refuses the url %p', (url) => {
    expect(refusal('import/url', { url })).toEqual({ code: 'INVALID_DATA', errors: { url: ['The url format is invalid.'] } });
  });

  it('tells a missing url and one that is no string', () => {
    expect(refusal('import/url', {}).errors).toEqual({ url: ['The url field is required.'] });
    expect(refusal('import/url', { url: 5 }).errors).toEqual({ url: ['The url must be a string.'] });
  });

  it.each(['a/b', '..', '.', 'a\\b', 'a\nb', 'a\0', '\ud800'])('refuses the filename %p', (filename) => {
    expect(refusal('import/url', { url: 'http://a.b', filename }).errors).toEqual({ filename: ['The filename format is invalid.'] });
  });

  it.each([{ 'a b': 'c' }, { a: 'b\r\nc: d' }, { a: 1 }, { 'a\n': 'b' }, Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`h${i}`, 'x']))])(
    'refuses headers that would break the request, without repeating them',
    (headers) => {
      expect(refusal('import/url', { url: 'http://a.b', headers }).errors).toEqual({ headers: ['The headers format is invalid.'] });
    },
  );

  it('refuses options that no event could hold', () => {
    const headers = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`h${i}`, 'x'.repeat(8000)]));
    expect(refusal('import/url', { url: 'http://a.b', headers }).errors).toEqual({ options: ['The options of a task may not be larger than 32768 bytes.'] });
  });
});

describe('content of the request', () => {
  it.each(['aGk=', 'aGk', 'aG\nk=', 'YWI='])('base64 %p travels apart from the options', (file) => {
    const plan = catalog.plan('import/base64', { file, filename: 'a.txt' });
    expect(plan).toMatchObject({ options: { filename: 'a.txt' }, steps: [], place: 'gateway-content', content: { encoding: 'base64', data: file.replace('\n', ''), filename: 'a.txt' } });
    expect(plan.options).not.toHaveProperty('file');
  });

  it.each(['a', 'aGk*', 'a=Gk', 'aGk==', '=', 'aGk===', 'ä', 'data:text/plain;base64,aGk='])('refuses %p as base64', (file) => {
    expect(refusal('import/base64', { file, filename: 'a' }).errors).toEqual({ file: ['The file must be a base64 encoded string.'] });
  });

  it('accepts what Node writes as base64, and megabytes of it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        const { content } = catalog.plan('import/base64', { file: Buffer.from(bytes).toString('base64'), filename: 'a' });
        expect(Buffer.from(content!.data, 'base64').equals(bytes)).toBe(true);
      }),
    );
    expect(catalog.plan('import/base64', { file: 'A'.repeat(16 * 2 ** 20), filename: 'a' }).content!.data).toHaveLength(16 * 2 ** 20);
  });

  it('raw content is any text', () => {
    const plan = catalog.plan('import/raw', { file: ' \0ü\n', filename: 'a.txt' });
    expect([plan.content, plan.options]).toEqual([{ encoding: 'utf8', data: ' \0ü\n', filename: 'a.txt' }, { filename: 'a.txt' }]);
  });

  it('names what is missing', () => {
    expect(refusal('import/raw', {}).errors).toEqual({ file: ['The file field is required.'], filename: ['The filename field is required.'] });
  });

  it('import/upload is done by the gateway', () => {
    expect(catalog.plan('import/upload', { redirect: 'https://a.b' })).toMatchObject({ place: 'gateway-upload', steps: [], options: { redirect: 'https://a.b' } });
    expect(refusal('import/upload', { redirect: 'javascript:x' }).errors).toEqual({ redirect: ['The redirect format is invalid.'] });
  });
});

describe('convert', () => {
  it('coerces, drops what is empty, and leaves the defaults to the engine', () => {
    const plan = catalog.plan('convert', convert({ output_format: 'JPEG', input_format: 'jpeg', width: '800', height: '', quality: null, strip: 'true', auto_orient: 0 }));
    expect(plan.options).toEqual({ output_format: 'jpg', input_format: 'jpg', width: 800, strip: true, auto_orient: false });
    expect(plan.steps).toEqual([{ engine: 'sharp', version: 'any' }]);
  });

  it.each<[Record<string, unknown>, Record<string, RegExp>]>([
    [{ output_format: 'xyz' }, { output_format: /^The selected output format is invalid\. Valid values: .*\bdocx\b.*\bwebp\b/ }],
    [{ output_format: '__proto__' }, { output_format: /Valid values: / }],
    [{ output_format: 'exe', input_format: 'mp3' }, { output_format: /^The selected output format is invalid for the input format mp3\. Valid values: (?!.*docx).*\bwav\b/ }],
    [{ input_format: 'exe' }, { input_format: /^The selected input format is invalid\. Valid values: .*\bdocx\b.*\bmp4\b/ }],
    [{ input_format: 'exe', output_format: 'xyz' }, { input_format: /Valid/, output_format: /^The selected output format is invalid\. Valid/ }],
    [{ engine: 'nope' }, { engine: /^The selected engine is invalid for png\. Valid values: .*\bpoppler, sharp\.$/ }],
    [{ engine: 'export-url' }, { engine: /\bsharp\b/ }],
    [{ engine: 'ffmpeg', input_format: 'JPEG' }, { engine: /^The selected engine is invalid for jpg to png\. Valid values: sharp\.$/ }],
    [{ engine: 'nope', output_format: 'xyz' }, { engine: /^The selected engine is invalid\. Valid values: .*\bsharp\b/, output_format: /Valid/ }],
    [{ engine: 'sharp', output_format: 'xyz' }, { output_format: /Valid/ }],
  ])('does not support %p, and names what it may be', (options, errors) => {
    const told = refusal('convert', convert(options));
    expect(told.code).toBe('INVALID_CONVERSION_TYPE');
    expect(told.errors).toEqual(Object.fromEntries(Object.entries(errors).map(([field, sentence]) => [field, [expect.stringMatching(sentence)]])));
    expect(JSON.stringify(told).length).toBeLessThan(2_500);
  });

  it('takes a version, but none that would be another subject', () => {
    expect(catalog.plan('convert', convert({ engine: 'sharp', engine_version: '0.35.5' })).steps).toEqual([{ engine: 'sharp', version: '0.35.5' }]);
    for (const engine_version of ['>', '*', 'a b', '.', 'x'.repeat(33)]) expect(refusal('convert', convert({ engine_version })).errors).toHaveProperty('engine_version');
  });

  it.each([
    [{ output_format: undefined }, { output_format: ['The output format field is required.'] }],
    [{ output_format: 5 }, { output_format: ['The output format must be a string.'] }],
    [{ fit: 'min' }, { fit: ['The selected fit is invalid. Valid values: max, crop, scale.'] }],
    [{ width: 0 }, { width: ['The width must be at least 1.'] }],
    [{ width: '16384' }, { width: ['The width may not be greater than 16383.'] }],
    [{ width: 1.5 }, { width: ['The width must be an integer.'] }],
    [{ width: '0x10' }, { width: ['The width must be a number.'] }],
    [{ strip: 'yes' }, { strip: ['The strip field must be true or false.'] }],
    [{ filename: 'x'.repeat(256) }, { filename: ['The filename may not be greater than 255 characters.'] }],
    [
      { wdith: 5 },
      { wdith: ['The wdith option is not supported. Supported options: input_format, output_format, engine, engine_version, filename, width, height, fit, quality, strip, auto_orient, pixel_density.'] },
    ],
  ])('refuses %j', (options, errors) => {
    expect(refusal('convert', convert({ input_format: 'png', ...options }))).toEqual({ code: 'INVALID_DATA', errors });
  });

  it('tells all errors of a task at once', () => {
    expect(Object.keys(refusal('convert', convert({ width: 0, fit: 'x', nope: 1 })).errors!).sort()).toEqual(['fit', 'nope', 'width']);
  });
});

describe('any JSON', () => {
  const operations = catalog.operations().map(({ operation }) => operation);
  const anything = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }));
  const names = fc.constantFrom('url', 'file', 'filename', 'headers', 'input', 'output_format', 'engine', 'engine_version', 'width', 'fit', 'strip', 'timeout', 'mode', 'ms', '__proto__', 'constructor', 'toString');

  it('is planned or refused by a Failure, and a plan holds no content', () => {
    fc.assert(
      fc.property(fc.constantFrom(...operations), fc.oneof(fc.dictionary(fc.oneof(names, fc.string()), anything), anything), (operation, raw) => {
        try {
          const plan = catalog.plan(operation, raw as Record<string, unknown>);
          expect(plan.place === 'worker' ? plan.steps.length > 0 : plan.steps.length === 0).toBe(true);
          expect(JSON.stringify(plan.options)).not.toMatch(/\\u0000|\\ud[89a-f]/i);
          if (plan.content) expect(plan.options).not.toHaveProperty('file');
        } catch (error) {
          if (!isFailure(error)) throw error;
          expect(['INVALID_DATA', 'INVALID_CONVERSION_TYPE']).toContain(error.code);
          expect(Object.keys(error.errors ?? {})).not.toEqual([]);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('with keys of Object.prototype is refused by name', () => {
    for (const key of ['__proto__', 'constructor', 'hasOwnProperty']) {
      const raw = JSON.parse(`{"url":"http://a.b","${key}":{"polluted":true}}`);
      expect(Object.keys(refusal('import/url', raw).errors!)).toEqual([key]);
    }
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('stays small in its answer', () => {
    const raw = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`${i}-${'k'.repeat(1000)}`, 1]));
    expect(JSON.stringify(refusal('fault', raw)).length).toBeLessThan(8000);
  });

  it('planned again gives the same options', () => {
    const plan = catalog.plan('convert', convert({ width: '5', strip: '1' }));
    expect(catalog.plan('convert', { ...plan.options, input: ['i'] }).options).toEqual(plan.options);
  });
});
