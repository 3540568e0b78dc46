import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseCommand, UsageError } from './arguments';
import { formatOf, jobOf, outputPaths } from './job';

describe('the command line of convert', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-convert-'));
  const file = path.join(folder, 'a b.docx');
  beforeAll(() => writeFileSync(file, 'x'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('takes options with and without "=", flags, and values that begin with one dash', () => {
    const out = path.join(folder, 'out.pdf');
    expect(parseCommand([file, out, '--pages', '1-2', '--rotation=-90', '--bookmarks', '--quiet'])).toMatchObject({
      verb: 'convert',
      inputs: [file],
      output: out,
      options: { pages: '1-2', rotation: '-90', bookmarks: 'true' },
      quiet: true,
    });
  });

  it.each([
    [[], { verb: 'help' }],
    [['--help'], { verb: 'help' }],
    [['--options', 'docx', 'pdf', '--base-url=https://a.example/v2/', '--key=k'], { verb: 'options', from: 'docx', to: 'pdf', baseUrl: 'https://a.example', key: 'k' }],
  ])('%j', (argv, command) => expect(parseCommand(argv)).toEqual(command));

  it.each([
    [['/nowhere/a.docx', 'out.pdf'], /no file \/nowhere\/a.docx/],
    [[file], /an output are needed/],
    [[file, '/nowhere/out.pdf'], /no folder \/nowhere/],
    [['--options', 'docx'], /two formats/],
    [[file, 'out.pdf', '--base-url=ftp://a'], /http or https/],
  ])('refuses %j', (argv, message) => {
    expect(() => parseCommand(argv)).toThrow(UsageError);
    expect(() => parseCommand(argv)).toThrow(message);
  });
});

describe('the job of a command', () => {
  it('converts one file, merges several to pdf, packs several into an archive', () => {
    expect(jobOf(1, 'a.PDF', { pages: '1' }).tasks['work']).toEqual({ operation: 'convert', input: 'upload-0', output_format: 'pdf', pages: '1' });
    expect(jobOf(2, 'a.pdf', {}).tasks['work']).toMatchObject({ operation: 'merge', input: ['upload-0', 'upload-1'] });
    expect(jobOf(1, 'a.tar.gz', {}).tasks['work']).toMatchObject({ operation: 'archive', output_format: 'tar.gz' });
    expect(() => jobOf(2, 'a.png', {})).toThrow(/not png/);
    expect(() => formatOf('report')).toThrow(/needs an ending/);
  });

  it('numbers several results before the ending', () => {
    expect(outputPaths('/x/a.png', 1)).toEqual(['/x/a.png']);
    expect(outputPaths('/x/a.tar.gz', 2)).toEqual(['/x/a-1.tar.gz', '/x/a-2.tar.gz']);
  });
});
