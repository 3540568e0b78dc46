import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EVENT_SCHEMAS, fact } from '@millrace/contracts';
import Ajv from 'ajv';
import { asyncApiDocument } from './asyncapi';
import { toldOfStandaloneTasks, type FactType } from './fact-meanings';
import { staleFiles } from './generated-files';

const checkout = path.resolve(__dirname, '../..');
const specification = JSON.parse(readFileSync(require.resolve('@asyncapi/specs/schemas/3.0.0.json'), 'utf8')) as { $id: string };

/** Ajv brings the meta schema of draft-07 itself, so the copy in the specification must go. */
function isAsyncApi(): (document: unknown) => string[] {
  const { definitions, ...whole } = specification as { $id: string; definitions: Record<string, unknown> };
  const rest = Object.fromEntries(Object.entries(definitions).filter(([id]) => !id.startsWith('http://json-schema.org/')));
  const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile({ ...whole, definitions: rest });
  return (document) => (validate(document) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`));
}

/** Targets of every `$ref` that the document does not have. */
function dangling(document: object): string[] {
  const has = (reference: string): boolean => reference.slice(2).split('/').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document) !== undefined;
  const found: string[] = [];
  JSON.stringify(document, (key, value: unknown) => {
    if (key === '$ref' && !has(value as string)) found.push(value as string);
    return value;
  });
  return found;
}

describe('generated files', () => {
  it('are what the code says', () => {
    expect(staleFiles(checkout).map(({ file }) => file)).toEqual([]);
  });

  it('that were changed by hand, or are missing, are seen', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'generated-'));
    try {
      cpSync(path.join(checkout, 'package.json'), path.join(folder, 'package.json'));
      expect(staleFiles(folder)).toHaveLength(1);
      mkdirSync(path.join(folder, 'docs'));
      cpSync(path.join(checkout, 'docs/asyncapi.json'), path.join(folder, 'docs/asyncapi.json'));
      expect(staleFiles(folder)).toEqual([]);
      writeFileSync(path.join(folder, 'docs/asyncapi.json'), '{}\n');
      expect(staleFiles(folder)).toHaveLength(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the AsyncAPI document', () => {
  const document = asyncApiDocument('1.0.0') as { info: object; components: { messages: Record<string, { payload: { allOf?: unknown[] } }>; schemas: Record<string, object> } };

  it('is one by the schema of AsyncAPI 3.0.0, which refuses a wrong one', () => {
    const errors = isAsyncApi();
    expect(errors(document)).toEqual([]);
    expect(errors({ ...document, info: { title: 'no version' } })).not.toEqual([]);
  });

  it('refers to nothing that is not there', () => {
    expect(dangling(document)).toEqual([]);
    expect(dangling({ $ref: '#/components/none' })).toEqual(['#/components/none']);
  });

  it('has a message for every type of the log, and describes a fact as the contract does', () => {
    expect(Object.keys(document.components.messages)).toEqual([...Object.keys(EVENT_SCHEMAS), 'LogReadRequest', 'LogReadAnswer']);
    const valid = new Ajv({ strict: false, validateFormats: false }).compile(document.components.schemas['Fact']!);
    const told = { position: 7, id: 'e', type: 'JobCreated', account: 1, job: '0190b5a4-7c1e-7000-8000-000000000001', version: 1, at: '2026-01-01T00:00:00.000Z' };
    expect([fact.safeParse(told).success, valid(told)]).toEqual([true, true]);
    expect([fact.safeParse({ ...told, position: 'x' }).success, valid({ ...told, position: 'x' })]).toEqual([false, false]);
  });

  it('names the facts about jobs as those that standalone tasks have none of', () => {
    const types = Object.keys(EVENT_SCHEMAS) as FactType[];
    expect(types.filter((type) => !toldOfStandaloneTasks(type))).toEqual(types.filter((type) => type.startsWith('Job') || type === 'FilesExpired'));
  });
});
