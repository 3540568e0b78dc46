import { isFailure } from '@millrace/failures';
import { createCatalog } from '../catalog';
import type { JudgedFile } from '../formats';
import { few } from '../testing/few-engines';

const catalog = few();

/** The steps of a task over files of these types, `engine operation {set}` each; or its code. */
function steps(operation: string, options: Record<string, unknown>, ...types: (string | JudgedFile)[]): string[] | string {
  const plan = catalog.plan(operation, { input: ['a', 'b'], ...options });
  const files = types.map((type, i) => (typeof type === 'string' ? { name: `${i}`, type } : type));
  const route = catalog.route({ operation, options: plan.options, steps: plan.steps, files });
  if (!('steps' in route)) return `${route.code} ${route.message}`;
  return route.steps.map(({ engine, version, operation: own, set }) => [engine, ...(version === 'any' ? [] : [version]), ...(own ? [own] : []), ...(set ? [JSON.stringify(set)] : [])].join(' '));
}

/** What a task is refused with when it is created. */
function refusal(operation: string, options: Record<string, unknown>): unknown {
  try {
    catalog.plan(operation, { input: ['a', 'b'], ...options });
  } catch (error) {
    if (isFailure(error)) return error.errors ?? error.code;
    throw error;
  }
  return undefined;
}

describe('thumbnail', () => {
  it.each([
    ['jpg', 'png', ['sharp']],
    ['mp4', 'jpg', ['ffmpeg']],
    ['pdf', 'png', ['poppler thumbnail']],
    ['pdf', 'webp', ['poppler thumbnail {"output_format":"png"}', 'sharp convert {"fit":null,"count":null}']],
    ['docx', 'jpg', ['libreoffice convert {"output_format":"pdf","fit":null,"count":null}', 'poppler thumbnail']],
    ['docx', 'webp', ['libreoffice convert {"output_format":"pdf","fit":null,"count":null}', 'poppler thumbnail {"output_format":"png"}', 'sharp convert {"fit":null,"count":null}']],
    ['heic', 'webp', ['libheif convert {"output_format":"png","fit":null,"count":null}', 'sharp thumbnail']],
  ])('of %s as %s', (type, output_format, expected) => expect(steps('thumbnail', { output_format }, type)).toEqual(expected));

  it('gives size and number to the step that makes the pictures, the name to the last', () => {
    expect(steps('thumbnail', { output_format: 'jpeg', width: '90', filename: 'x.jpg', input_format: 'docx', engine: 'office', engine_version: '7.4' }, 'docx')).toEqual([
      'libreoffice 7.4 convert {"output_format":"pdf","width":null,"fit":null,"count":null,"filename":null}',
      'poppler thumbnail {"input_format":null}',
    ]);
  });

  it('is made by the engine that was asked for, or not at all', () => {
    expect(steps('thumbnail', { output_format: 'png', engine: 'other' }, 'docx')).toEqual(['other convert {"output_format":"pdf","fit":null,"count":null}', 'poppler thumbnail']);
    expect(steps('thumbnail', { output_format: 'png', engine: 'sharp' }, 'mp4')).toBe('INVALID_CONVERSION_TYPE A thumbnail of a file of the format mp4 cannot be made by sharp. Possible engines: ffmpeg.');
    expect(refusal('thumbnail', { output_format: 'png', engine: 'qpdf' })).toEqual({ engine: ['The selected engine is invalid for png. Valid values: ffmpeg, libheif, libreoffice, other, poppler, sharp.'] });
    expect(refusal('thumbnail', { output_format: 'png', input_format: 'mp3' })).toEqual({ input_format: ['The selected input format is invalid. Valid values: csv, docx, heic, jpg, mp4, pdf, png, svg, txt, webp.'] });
    expect(steps('thumbnail', { output_format: 'png' }, '7z')).toBe('INVALID_CONVERSION_TYPE A thumbnail of a file of the format 7z cannot be made. Possible formats: csv, docx, heic, jpg, mp4, pdf, png, svg, txt, webp.');
  });

  it('knows its options', () => {
    expect(catalog.plan('thumbnail', { input: 'a', output_format: 'png', timestamp: '00:00:05', count: '3' }).options).toEqual({ output_format: 'png', timestamp: '00:00:05', count: 3, fit: 'max' });
    expect(refusal('thumbnail', { output_format: 'gif', width: 0, timestamp: 'soon' })).toEqual({ output_format: ['The selected output format is invalid. Valid values: png, jpg, webp.'] });
    expect(refusal('thumbnail', { output_format: 'png', width: 0, timestamp: 'soon' })).toEqual({ width: ['The width must be at least 1.'], timestamp: ['The timestamp format is invalid.'] });
  });
});

describe('merge', () => {
  const office = 'libreoffice convert {"output_format":"pdf","pass_others":true}';

  it.each([
    [['pdf', 'pdf'], ['qpdf merge']],
    [['docx', 'docx'], [office, 'qpdf merge']],
    [['pdf', 'png'], [office, 'qpdf merge']],
    [['jpg', 'pdf', 'csv'], ['sharp convert {"output_format":"png","pass_others":true}', office, 'qpdf merge']],
    [['heic', 'docx', 'webp'], ['libheif convert {"output_format":"png","pass_others":true}', 'sharp convert {"output_format":"png","pass_others":true}', office, 'qpdf merge']],
  ])('of %p', (types, expected) => expect(steps('merge', { output_format: 'pdf' }, ...types)).toEqual(expected));

  it('names only its result', () => {
    expect(steps('merge', { output_format: 'pdf', filename: 'all.pdf', engine: 'qpdf', engine_version: '11' }, 'docx', { name: 'b.csv' })).toEqual([
      'libreoffice convert {"output_format":"pdf","pass_others":true,"filename":null}',
      'qpdf 11 merge',
    ]);
  });

  it('needs two tasks or more, each counted once; a task may give many files', () => {
    const few = { input: ['The input must name at least 2 tasks.'] };
    expect([refusal('merge', { output_format: 'pdf', input: 'a' }), refusal('merge', { output_format: 'pdf', input: ['a', 'a'] })]).toEqual([few, few]);
    expect(refusal('merge', { output_format: 'pdf', input: [] })).toEqual({ input: ['The input field is required.'] });
    expect(steps('merge', { output_format: 'pdf' }, 'pdf', 'pdf', 'pdf')).toEqual(['qpdf merge']);
  });

  it('refuses what cannot become part of a pdf', () => {
    expect(steps('merge', { output_format: 'pdf' }, 'pdf', 'mp4')).toBe('INVALID_CONVERSION_TYPE A file of the format mp4 cannot become part of a pdf. Possible formats: csv, docx, heic, jpg, pdf, png, svg, txt, webp.');
    expect(refusal('merge', { output_format: 'png', engine: 'sharp' })).toEqual({
      output_format: ['The selected output format is invalid. Valid values: pdf.'],
      engine: ['The selected engine is invalid. Valid values: qpdf.'],
    });
  });
});

describe('operations of one engine', () => {
  it('archive takes files of any format', () => {
    expect(steps('archive', { output_format: 'TGZ', filename: 'a.tgz' }, 'mp4', { name: 'README' })).toEqual(['archivetool']);
    expect(steps('archive', { output_format: '7z', engine_version: '3.6' }, 'mp4')).toEqual(['archivetool 3.6']);
    expect(refusal('archive', { output_format: 'rar', engine: 'tar' })).toEqual({
      output_format: ['The selected output format is invalid. Valid values: zip, 7z, tar, tar.gz, tar.bz2.'],
      engine: ['The selected engine is invalid. Valid values: archivetool.'],
    });
  });

  it('metadata takes one input', () => {
    expect(catalog.plan('metadata', { input: 'a', engine: 'exiftool', engine_version: '12' }).steps).toEqual([{ engine: 'exiftool', version: '12' }]);
    expect(refusal('metadata', {})).toEqual({ input: ['The operation metadata takes one input.'] });
  });

  it('export/upload seals where it sends to, and with what', () => {
    const plan = catalog.plan('export/upload', { input: 'a', url: 'https://a.b/c?signature=s', headers: { Authorization: 'x' } });
    expect([plan.steps, plan.secretFields, plan.kind]).toEqual([[{ engine: 'export-upload', version: 'any' }], ['url', 'headers'], 'export']);
    expect(refusal('export/upload', { url: 'ftp://a' })).toEqual({ url: ['The url format is invalid.'] });
  });
});

describe('what is offered', () => {
  const offered = (operation: string) => catalog.entries().filter((entry) => entry.operation === operation && !entry.alternative).map(({ input_format, output_format, engine, needs }) => [input_format, output_format, engine, needs.join('+')].join(' '));

  it('of merge, archive and metadata', () => {
    expect(offered('merge')).toEqual(['csv', 'docx', 'heic', 'jpg', 'pdf', 'png', 'svg', 'txt', 'webp'].map((from) => `${from} pdf qpdf qpdf${from === 'pdf' ? '' : from === 'heic' ? '+libheif+libreoffice' : ['jpg', 'svg', 'webp'].includes(from) ? '+sharp+libreoffice' : '+libreoffice'}`));
    expect(offered('archive')).toEqual([' 7z archivetool archivetool', ' tar archivetool archivetool', ' tar.bz2 archivetool archivetool', ' tar.gz archivetool archivetool', ' zip archivetool archivetool']);
    expect(offered('metadata')).toEqual(['  exiftool exiftool']);
  });

  it('of thumbnails', () => {
    expect(offered('thumbnail').filter((entry) => entry.includes(' webp '))).toEqual([
      'csv webp libreoffice libreoffice+poppler+sharp',
      'docx webp libreoffice libreoffice+poppler+sharp',
      'heic webp libheif libheif+sharp',
      'jpg webp sharp sharp',
      'mp4 webp ffmpeg ffmpeg',
      'pdf webp poppler poppler+sharp',
      'png webp sharp sharp',
      'svg webp sharp sharp',
      'txt webp libreoffice libreoffice+poppler+sharp',
      'webp webp sharp sharp',
    ]);
  });

  it('in this build is done when it is asked for', () => {
    const real = createCatalog({ faultEngine: false });
    for (const { operation, input_format: type, output_format, engine, needs } of real.entries()) {
      if (type === null) continue;
      const plan = real.plan(operation, { input: ['a', 'b'], output_format, ...(engine !== null && { engine }) });
      const route = real.route({ operation, options: plan.options, steps: plan.steps, files: [{ name: 'a', type }] });
      expect([operation, type, output_format, 'steps' in route ? route.steps.map((step) => step.engine).sort() : route]).toEqual([operation, type, output_format, [...needs].sort()]);
    }
  });
});
