import type { StepPlan } from '@millrace/contracts';
import fc from 'fast-check';
import type { JudgedFile } from './formats';
import type { Route } from './route';
import { few } from './testing/few-engines';

const catalog = few();
const typed = (type: string | undefined, name = 'a'): JudgedFile => ({ name, type });

/** A task as it is created, and as it is routed once its files are there. */
function routed(options: Record<string, unknown>, files: JudgedFile[], operation = 'convert', input: string[] = ['i', 'j']): Route {
  const plan = catalog.plan(operation, { input, ...options });
  return catalog.route({ operation, options: plan.options, steps: plan.steps, files });
}
const stepsOf = (route: Route): readonly StepPlan[] => ('steps' in route ? route.steps : fail(route));
const fail = (route: unknown): never => {
  throw new Error(JSON.stringify(route));
};
const enginesOf = (route: Route): string[] => stepsOf(route).map(({ engine }) => engine);

describe('one job shape gets the engine of its file', () => {
  it.each([
    ['jpg', ['sharp']],
    ['mp4', ['ffmpeg']],
    ['pdf', ['poppler']],
    ['docx', ['libreoffice', 'poppler']],
    ['heic', ['libheif']],
  ])('%s to png', (type, engines) => expect(enginesOf(routed({ output_format: 'png' }, [typed(type)]))).toEqual(engines));

  it.each([
    ['heic', ['libheif', 'sharp']],
    ['pdf', ['poppler', 'sharp']],
    ['docx', ['libreoffice', 'poppler', 'sharp']],
  ])('%s to webp, by way of others', (type, engines) => expect(enginesOf(routed({ output_format: 'webp' }, [typed(type)]))).toEqual(engines));

  it.each([
    ['webp', ['sharp', 'libreoffice']],
    ['heic', ['libheif', 'libreoffice']],
    ['png', ['libreoffice']],
    ['csv', ['libreoffice']],
  ])('%s to pdf', (type, engines) => expect(enginesOf(routed({ output_format: 'pdf' }, [typed(type)]))).toEqual(engines));

  it('several files of several formats, where one engine takes them all', () => {
    expect(enginesOf(routed({ output_format: 'png' }, [typed('jpg'), typed('webp')]))).toEqual(['sharp']);
    expect(routed({ output_format: 'png' }, [typed('jpg'), typed('mp4')])).toEqual({ code: 'INVALID_CONVERSION_TYPE', message: expect.stringContaining('of the formats jpg, mp4') });
  });

  it('is the first of the engines, unless another was asked for', () => {
    const by = (engine?: string) => routed({ output_format: 'pdf', engine }, [typed('docx')]);
    expect([enginesOf(by()), enginesOf(by('libreoffice')), enginesOf(by('office')), enginesOf(by('other'))]).toEqual([['libreoffice'], ['libreoffice'], ['libreoffice'], ['other']]);
  });

  it('is never another than the one that was asked for', () => {
    expect(routed({ output_format: 'png', engine: 'sharp' }, [typed('pdf')])).toEqual({ code: 'INVALID_CONVERSION_TYPE', message: expect.stringContaining('to png by sharp') });
    expect(enginesOf(routed({ output_format: 'png', engine: 'office' }, [typed('docx')]))).toEqual(['libreoffice', 'poppler']);
    expect(stepsOf(routed({ output_format: 'png', engine_version: '7.4' }, [typed('docx')])).map(({ version }) => version)).toEqual(['7.4', 'any']);
  });
});

describe('a route over several engines', () => {
  it('gives each step what is meant for it', () => {
    expect(stepsOf(routed({ output_format: 'png', pages: '2-3', width: 40, filename: 'x.png', input_format: 'docx' }, [typed('docx')]))).toEqual([
      { engine: 'libreoffice', version: 'any', operation: 'convert', set: { output_format: 'pdf', filename: null } },
      { engine: 'poppler', version: 'any', operation: 'convert', set: { pages: null, input_format: null } },
    ]);
  });

  it('writes the result in the quality that was asked for, and nothing before', () => {
    expect(stepsOf(routed({ output_format: 'webp', quality: 5, width: 9 }, [typed('pdf')])).map(({ set }) => set)).toEqual([{ output_format: 'png', quality: null }, { width: null }]);
  });

  it('begins only where no shorter one does', () => {
    expect(enginesOf(routed({ output_format: 'txt' }, [typed('docx')]))).toEqual(['libreoffice']);
    expect(routed({ output_format: 'pdf' }, [typed('mp4')])).toMatchObject({ code: 'INVALID_CONVERSION_TYPE' });
  });
});

describe('options', () => {
  it('choose among the engines that take the file', () => {
    expect(enginesOf(routed({ output_format: 'pdf', token: 't' }, [typed('docx')]))).toEqual(['other']);
    expect(enginesOf(routed({ output_format: 'pdf', bookmarks: 1 }, [typed('docx')]))).toEqual(['libreoffice']);
  });

  it('that the engine of the file does not know fail the task, by name', () => {
    expect(routed({ output_format: 'png', pages: '1' }, [typed('jpg')])).toEqual({
      code: 'INVALID_INPUT',
      message: 'The file is of the format jpg and goes to sharp. The pages option is not supported. Supported options: input_format, output_format, engine, engine_version, filename, width, fit, strip, quality.',
    });
    expect(routed({ output_format: 'png', width: 4000 }, [typed('jpg')])).toMatchObject({ message: expect.stringContaining('The width may not be greater than 100.') });
    expect(routed({ output_format: 'png', password: 'x' }, [typed('jpg')])).toEqual({ code: 'INVALID_INPUT', message: 'The file is of the format jpg, for which the option password is not supported' });
  });

  it('that engines read differently are read by the one that is chosen', () => {
    const plan = catalog.plan('convert', { input: 'i', output_format: 'png', level: '7' });
    expect(plan.options).toEqual({ output_format: 'png', level: '7' });
    const at = (type: string) => stepsOf(catalog.route({ operation: 'convert', options: plan.options, steps: plan.steps, files: [typed(type)] }));
    expect([at('mp4')[0]!.set, at('docx')[0]!.set]).toEqual([{ level: 7 }, { output_format: 'pdf' }]);
  });

  it('are looked at again when they are sealed, but for what is sealed', () => {
    const plan = catalog.plan('convert', { input: 'i', output_format: 'pdf', password: 'p' });
    expect(plan.secretFields).toEqual(['password']);
    const options = { ...plan.options, password: { $sealed: 'x' } };
    expect(enginesOf(catalog.route({ operation: 'convert', options, steps: plan.steps, files: [typed('docx')] }))).toEqual(['libreoffice']);
  });
});

describe('a file that fits nowhere', () => {
  it('is told its format, and what it can become', () => {
    expect(routed({ output_format: 'mp3' }, [typed('pdf')])).toEqual({
      code: 'INVALID_CONVERSION_TYPE',
      message: 'This conversion type is not supported: a file of the format pdf to mp3. It can be converted to jpg, png, txt, webp.',
    });
    expect(routed({ output_format: 'png' }, [typed('7z')])).toMatchObject({ message: expect.stringContaining('a file of the format 7z to png. It cannot be converted.') });
  });

  it('of no known format is no more than that, unless its owner says what it is', () => {
    expect(routed({ output_format: 'png' }, [typed(undefined, 'a.png')])).toEqual({ code: 'INVALID_INPUT', message: expect.stringContaining('The format of the file a.png is not known') });
    expect(enginesOf(routed({ output_format: 'png', input_format: 'png' }, [typed(undefined, 'a.bin')]))).toEqual(['sharp']);
    expect(routed({ output_format: 'png' }, [{ name: 'a.png', size: 0 }])).toEqual({ code: 'INVALID_INPUT', message: 'The file a.png is empty' });
    expect(routed({ output_format: 'png' }, [])).toEqual({ code: 'INVALID_INPUT', message: 'The input has no file' });
  });

  it('is what its content is, whatever was said of it', () => {
    expect(enginesOf(routed({ output_format: 'png', input_format: 'docx' }, [typed('jpg', 'a.docx')]))).toEqual(['sharp']);
  });
});

describe('any files and options', () => {
  const file = fc.record({ name: fc.oneof(fc.string(), fc.constantFrom('a.txt', 'b.csv', 'c.html', 'd')), type: fc.option(fc.constantFrom('jpg', 'png', 'svg', 'docx', 'pdf', 'mp4', 'zip', 'cfb', 'heic', 'nonsense'), { nil: undefined }) });
  const options = fc.record(
    {
      output_format: fc.constantFrom('png', 'webp', 'pdf', 'txt', 'odt', 'mp3', 'zip', 'nonsense'),
      input_format: fc.constantFrom('txt', 'docx', 'csv', 'png'),
      engine: fc.constantFrom('sharp', 'office', 'poppler', 'nobody', 'qpdf'),
      width: fc.integer({ min: -1, max: 6000 }),
      pages: fc.string(),
      password: fc.constant({ $sealed: 'x' }),
      level: fc.oneof(fc.string(), fc.integer()),
      stray: fc.constant(1),
      filename: fc.constant('f'),
    },
    { requiredKeys: [] },
  );
  const request = fc.record({ operation: fc.constantFrom('convert', 'thumbnail', 'merge', 'metadata', 'archive', 'import/url', 'gone'), options, files: fc.array(file, { maxLength: 4 }), steps: fc.constant([{ engine: 'planned', version: 'any' }]) });

  it('have a route of known engines or a reason, the same each time and in any order of the files', () => {
    fc.assert(
      fc.property(request, fc.infiniteStream(fc.nat()), (asked, keys) => {
        const route = catalog.route(asked);
        expect(catalog.route(asked)).toEqual(route);
        const shuffled = asked.files.map((one) => ({ one, key: keys.next().value as number })).sort((a, b) => a.key - b.key);
        const again = catalog.route({ ...asked, files: shuffled.map(({ one }) => one) });
        if ('steps' in route) {
          expect(again).toEqual(route);
          expect(route.steps.length).toBeGreaterThan(0);
          for (const { engine } of route.steps) expect(engine === 'planned' || catalog.engine(engine)).toBeTruthy();
        } else {
          expect(again).toMatchObject({ code: route.code });
          expect(route.message.length).toBeGreaterThan(10);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
