import { z } from 'zod';
import { Catalog, createCatalog } from './catalog';
import type { OperationDeclaration } from './declaration';

const catalog = createCatalog({ faultEngine: false });

const operation = (name: string, engine: string): OperationDeclaration => ({
  operation: name,
  kind: 'process',
  input: 'one',
  place: 'worker',
  group: 'x',
  options: z.object({}),
  steps: [{ engine, version: 'any' }],
});
const engine = { name: 'e', pool: 'media', group: 'x', options: z.object({}) } as const;

describe('Catalog', () => {
  it('offers the fault operations only when asked to', () => {
    expect([catalog.has('fault'), catalog.has('toString'), catalog.has('convert')]).toEqual([false, false, true]);
    const faulty = createCatalog({ faultEngine: true });
    expect(faulty.plan('fault/two-step', { mode: 'sleep', ms: '50' })).toMatchObject({
      options: { mode: 'sleep', ms: 50 },
      steps: [
        { engine: 'fault-media', version: 'any' },
        { engine: 'fault-document', version: 'any' },
      ],
    });
    expect(faulty.plan('fault', {}).options).toEqual({ mode: 'noop' });
    expect(() => faulty.plan('fault', { mode: 'explode' })).toThrow('INVALID_DATA');
  });

  it('refuses an unknown operation', () => {
    expect(() => catalog.plan('import/ftp', {})).toThrow(expect.objectContaining({ code: 'INVALID_DATA', errors: { operation: ['The selected operation is invalid.'] } }));
  });

  it('knows the pools of its engines; fault is hosted in both', () => {
    const names = (pool: 'media' | 'document' | 'import'): string[] => createCatalog({ faultEngine: true }).enginesOf(pool).map(({ name }) => name);
    expect(names('media')).toEqual(expect.arrayContaining(['sharp', 'exiftool', 'fault', 'fault-media']));
    expect(names('document')).toEqual(expect.arrayContaining(['exiftool', 'poppler', 'fault', 'fault-document']));
    expect(names('document')).not.toEqual(expect.arrayContaining(['sharp']));
    expect(names('import')).toEqual(['import-url']);
    expect([catalog.engine('sharp')?.pool, catalog.engine('fault')]).toEqual(['media', undefined]);
  });

  it('lists its entries in order', () => {
    const entries = catalog.entries();
    expect(entries).toContainEqual({ operation: 'convert', input_format: 'svg', output_format: 'png', engine: 'sharp', credits: 1, meta: { group: 'image' }, needs: ['sharp'], alternative: false, options: expect.arrayContaining([{ name: 'strip', type: 'boolean', default: false, possible_values: null }]) });
    expect(entries).toContainEqual({ operation: 'import/upload', input_format: null, output_format: null, engine: null, credits: 0, meta: { group: 'import' }, needs: [], alternative: false, options: [{ name: 'redirect', type: 'string', default: null, possible_values: null }] });
    const groups = entries.map(({ meta }) => meta.group);
    expect(groups).toEqual([...groups].sort());
    expect(entries.filter(({ operation, needs }) => operation === 'convert' && needs.join() === 'sharp')).toHaveLength(catalog.conversionsOf('sharp').length);
  });

  it('has operations whose options never take the name of a field of the task', () => {
    for (const { options } of createCatalog({ faultEngine: true }).operations()) {
      for (const field of ['operation', 'name', 'input', 'ignore_error', 'timeout']) expect(options.shape).not.toHaveProperty(field);
    }
  });

  it('refuses declarations that contradict each other', () => {
    expect(() => new Catalog([operation('a', 'e'), operation('a', 'e')], [engine], 1)).toThrow('two operations');
    expect(() => new Catalog([operation('a', 'e')], [engine, engine], 1)).toThrow('two engines');
    expect(() => new Catalog([operation('a', 'f')], [engine], 1)).toThrow('unknown engine f');
  });
});
