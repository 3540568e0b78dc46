import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createCatalog } from '@millrace/catalog';
import sharp from 'sharp';
import { formatsPage } from './formats-page';
import { problemOf } from './probe';
import { seenIn, writeSeen } from './seen';

const ROOT = path.resolve(__dirname, '../..');

describe('the matrix', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-matrix-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string | Buffer): string => {
    const at = path.join(folder, name);
    writeFileSync(at, content);
    return at;
  };

  it('docs/formats.md is what the catalog offers (else: npm run matrix -- --page)', () => {
    expect(readFileSync(path.join(ROOT, 'docs/formats.md'), 'utf8')).toBe(formatsPage(createCatalog({ faultEngine: false }).entries()));
  });

  it('every engine that converts was tried, and nothing is written down that no engine declares', () => {
    const seen = JSON.parse(readFileSync(path.join(ROOT, 'libs/catalog/src/seen-conversions.json'), 'utf8')) as Record<string, Record<string, string[]>>;
    const declared = createCatalog({ faultEngine: false, unproven: true });
    const engines = [...new Set(declared.entries().flatMap(({ needs }) => needs))].filter((name) => declared.conversionsOf(name).length > 0);
    expect(Object.keys(seen).sort()).toEqual(engines.sort());
    for (const [engine, pairs] of Object.entries(seen)) {
      const known = new Set(declared.conversionsOf(engine).map(({ from, to }) => `${from} ${to}`));
      for (const [from, list] of Object.entries(pairs)) for (const to of list) expect([engine, from, to, known.has(`${from} ${to}`)]).toEqual([engine, from, to, true]);
    }
  });

  it('counts only what worked, in one order', () => {
    const at = path.join(folder, 'seen.json');
    writeSeen(at, { b: seenIn([{ from: 'y', to: 'z', problem: undefined }, { from: 'y', to: 'a', problem: undefined }, { from: 'x', to: 'y', problem: 'blank' }]), a: {} });
    expect(Object.entries(JSON.parse(readFileSync(at, 'utf8')) as object)).toEqual([
      ['a', {}],
      ['b', { y: ['a', 'z'] }],
    ]);
  });

  it('sees a blank picture, a wrong type, a lost text, an empty file and a film that is none', async () => {
    const plain = await sharp({ create: { width: 9, height: 9, channels: 3, background: '#fff' } }).png().toBuffer();
    expect(await problemOf('png', 'image', file('a.png', plain), false)).toBe('the picture is blank');
    expect(await problemOf('jpg', 'image', file('a.jpg', plain), false)).toBe('its content is png');
    expect(await problemOf('txt', 'document', file('a.txt', 'nothing of it'), false)).toBe('the text of the sample is not in it');
    expect(await problemOf('txt', 'document', file('b.txt', 'of Millrace'), false)).toBeUndefined();
    expect(await problemOf('csv', 'document', file('a.csv', ''), false)).toBe('it is empty');
    expect(await problemOf('aac', 'audio', file('a.aac', 'no sound'), false)).toMatch(/^it cannot be read/);
    expect(existsSync(path.join(folder, 'a.aac'))).toBe(true);
  });
});
