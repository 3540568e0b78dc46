import { createCatalog } from '@millrace/catalog';
import { Failure } from '@millrace/failures';
import { LiveEngineView, type LiveEngines } from './live-engines';
import { OperationListing } from './listing';
import { readListingQuery } from './listing-query';

const listing = new OperationListing(createCatalog({ faultEngine: false, unproven: true }));
const ALL: LiveEngines = new Map(['sharp', 'libheif', 'ffmpeg', 'exiftool', 'libreoffice', 'poppler', 'qpdf', 'archivetool', 'import-url', 'export-url', 'export-upload'].map((name) => [name, ['10.0', '9.1']]));

interface Entry {
  operation: string;
  input_format: string | null;
  output_format: string | null;
  engine: string | null;
  options?: { name: string }[];
  engine_versions?: object[];
}
const list = (query: Record<string, unknown> = {}, live = ALL): Entry[] => (JSON.parse(listing.body(readListingQuery(query), live)) as { data: Entry[] }).data;

describe('the list of operations', () => {
  it('has entries of the contract, in its order, one for each pair', () => {
    const body = listing.body(readListingQuery({}), ALL);
    expect(body).toMatch(/^\{"data":\[\{"operation":"[^"]+","input_format":[^,]+,"output_format":[^,]+,"engine":"[^"]+","credits":1,"meta":\{"group":"archive"\}\},/);
    expect(list({ 'filter[operation]': 'convert', 'filter[input_format]': 'png', 'filter[output_format]': 'webp' })).toEqual([
      { operation: 'convert', input_format: 'png', output_format: 'webp', engine: 'sharp', credits: 1, meta: { group: 'image' } },
    ]);
    const pairs = list().map(({ operation, input_format, output_format }) => `${operation} ${input_format} ${output_format}`);
    expect(new Set(pairs).size).toBe(pairs.length);
  });

  it('offers only what pools do that are there: a route needs all its engines, the gateway none', () => {
    const docxToPng = { 'filter[operation]': 'convert', 'filter[input_format]': 'docx', 'filter[output_format]': 'png' };
    const without = (name: string): LiveEngines => new Map([...ALL].filter(([engine]) => engine !== name));
    expect([list(docxToPng).map(({ engine }) => engine), list(docxToPng, without('poppler')), list(docxToPng, without('libreoffice'))]).toEqual([['libreoffice'], [], []]);
    expect(list({}, new Map()).map(({ operation }) => operation).sort()).toEqual(['import/base64', 'import/raw', 'import/upload']);
  });

  it.each([
    [{ 'filter[engine]': 'office' }, 'libreoffice'],
    [{ 'filter[engine]': 'poppler', 'filter[engine_version]': '9.1' }, 'poppler'],
  ])('filters by %j', (query, engine) => {
    expect(list(query).length).toBeGreaterThan(3);
    for (const entry of list(query)) expect(entry.engine).toBe(engine);
  });

  it('finds nothing for what nobody has, takes the empty for absent, and ignores the unknown', () => {
    expect([list({ 'filter[engine]': 'constructor' }), list({ 'filter[engine_version]': '8' }), list({ 'filter[operation]': 'convert', 'filter[input_format]': '__proto__' })]).toEqual([[], [], []]);
    const empty = { 'filter[operation]': '', 'filter[engine]': '', 'filter[engine_version]': '', include: '', alternatives: '', other: 'x', 'filter[input_format]': {} };
    expect(list(empty)).toEqual(list());
    expect(list({ 'filter[input_format]': ['png', 'JPEG'] })).toEqual(list({ 'filter[input_format]': 'jpg' }));
  });

  it('adds options and versions when they are included', () => {
    const [entry] = list({ 'filter[operation]': 'convert', 'filter[input_format]': 'png', 'filter[output_format]': 'webp', include: 'options,engine_versions,other' });
    expect(entry!.options).toContainEqual({ name: 'fit', type: 'enum', default: 'max', possible_values: ['max', 'crop', 'scale'] });
    expect(entry!.engine_versions).toEqual([
      { version: '10.0', default: true, latest: true, deprecated: false, experimental: false },
      { version: '9.1', default: false, latest: false, deprecated: false, experimental: false },
    ]);
    expect(list({ 'filter[operation]': 'import/upload', include: 'engine_versions' })[0]!.engine_versions).toEqual([]);
    expect(Object.keys(list({ include: 'nonsense' })[0]!)).toEqual(['operation', 'input_format', 'output_format', 'engine', 'credits', 'meta']);
  });

  it('tells alternatives when they are asked for, or their engine is', () => {
    const gif = { 'filter[operation]': 'convert', 'filter[input_format]': 'webp', 'filter[output_format]': 'pdf' };
    const engines = (query: object) => list({ ...gif, ...query }).map(({ engine }) => engine);
    const [all, one] = [engines({ alternatives: 'true' }), engines({ alternatives: 'false' })];
    expect([engines({}), one]).toEqual([all.slice(0, 1), all.slice(0, 1)]);
    for (const engine of all) expect(engines({ 'filter[engine]': engine })).toEqual([engine]);
    const whole = list({ alternatives: '1' }).map(({ operation, input_format, output_format, engine }) => `${operation} ${input_format} ${output_format} ${engine}`);
    expect(whole.length).toBeGreaterThan(list().length);
    expect(new Set(whole).size).toBe(whole.length);
  });
});

describe('the engines that are there', () => {
  const lane = (engine: string, version: string, region = 'local') => ({ region, engine, version });

  it('are asked for once in two seconds, however many want to know', async () => {
    let now = 0;
    const ask = jest.fn(async () => [lane('a', '9.0'), lane('a', 'any'), lane('a', '10.0'), lane('a', '9.0', 'far')]);
    const view = new LiveEngineView({ liveLanes: ask }, () => now);
    const [one, two] = await Promise.all([view.engines(), view.engines()]);
    expect([one, one === two, ask.mock.calls]).toEqual([new Map([['a', ['10.0', '9.0']]]), true, [[30_000]]]);
    now = 1_999;
    await view.engines();
    expect(ask).toHaveBeenCalledTimes(1);
    now = 2_000;
    await view.engines();
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it('are asked for again after a failure', async () => {
    const ask = jest.fn().mockRejectedValueOnce(new Failure('SERVICE_UNAVAILABLE', 'away')).mockResolvedValue([]);
    const view = new LiveEngineView({ liveLanes: ask }, () => 0);
    await expect(view.engines()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(await view.engines()).toEqual(new Map());
  });
});
