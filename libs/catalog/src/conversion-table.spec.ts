import type { SeenConversions } from './conversions';
import { few } from './testing/few-engines';

const pairs = (seen: SeenConversions) =>
  few(seen)
    .entries()
    .filter(({ operation }) => operation === 'convert')
    .map(({ input_format, output_format, needs }) => `${input_format} ${output_format} ${needs.join('+')}`);

/** What is planned and routed for a file of this format. */
function engines(seen: SeenConversions, from: string, to: string): string[] | string {
  const catalog = few(seen);
  const route = catalog.route({ operation: 'convert', options: { output_format: to }, steps: [], files: [{ name: 'a', type: from }] });
  return 'steps' in route ? route.steps.map(({ engine }) => engine) : route.code;
}

describe('conversions that were tried', () => {
  const seen = { libreoffice: { docx: ['odt'], png: ['pdf'] } };

  it('are offered where they worked, and those of engines that nobody tried', () => {
    expect(pairs(seen).filter((pair) => pair.includes('libreoffice'))).toEqual(['docx odt libreoffice', 'heic pdf libheif+libreoffice', 'jpg pdf sharp+libreoffice', 'png pdf libreoffice', 'svg pdf sharp+libreoffice', 'webp pdf sharp+libreoffice']);
    expect(pairs(seen)).toContain('pdf png poppler');
    expect(pairs({})).toContain('docx png libreoffice+poppler');
    expect(pairs({ poppler: {} }).filter((pair) => pair.includes('poppler'))).toEqual([]);
  });

  it('are done where they worked; another engine takes what one cannot', () => {
    expect([engines({}, 'docx', 'pdf'), engines(seen, 'docx', 'pdf')]).toEqual([['libreoffice'], ['other']]);
    expect([engines(seen, 'docx', 'png'), engines({ ...seen, other: {} }, 'docx', 'png')]).toEqual([['other', 'poppler'], 'INVALID_CONVERSION_TYPE']);
    expect(() => few({ ...seen, other: {} }).plan('convert', { input: 'i', input_format: 'docx', output_format: 'pdf' })).toThrow(expect.objectContaining({ code: 'INVALID_CONVERSION_TYPE' }));
  });

  it('are all tried by whoever asks for it', () => {
    expect(few(seen).conversionsOf('libreoffice')).toHaveLength(2);
    expect(few({}).conversionsOf('libreoffice')).toHaveLength(11);
    expect(few({}).conversionsOf('nobody')).toEqual([]);
  });
});

it('the default of a pair stands before its alternatives', () => {
  const docx = few().entries().filter(({ operation, input_format, output_format }) => operation === 'convert' && input_format === 'docx' && output_format === 'pdf');
  expect(docx.map(({ engine, alternative }) => [engine, alternative])).toEqual([['libreoffice', false], ['other', true]]);
});
