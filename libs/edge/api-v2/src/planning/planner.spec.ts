import { createCatalog } from '@millrace/catalog';
import { openSealedOptions, type TaskRow } from '@millrace/job-store';
import { Planner } from './planner';
import { readJobBody } from './request-bodies';

const MASTER = Buffer.alloc(32, 1);
const OWN = 'f2d7a2a4-3c7a-4a58-9d8e-0d0f3b1c2a10';
const planner = new Planner(
  createCatalog({ faultEngine: false }),
  { task: async (id: string, account: number) => (id.toLowerCase() === OWN && account === 7 ? { task: {} as TaskRow, percent: undefined } : undefined) },
  MASTER,
);
const plan = (tasks: object, account = 7) => planner.planJob(readJobBody({ tasks }, 500).tasks, account);
const errorsOf = (promise: Promise<unknown>) => promise.then(() => undefined, (error: { errors?: unknown }) => error.errors);

it('turns names into ids, also those defined later, and keeps the order of the body', async () => {
  const { tasks } = await plan({ z: { operation: 'export/url', input: ['a', OWN.toUpperCase()] }, a: { operation: 'import/upload' } });
  expect(tasks.map(({ name }) => name)).toEqual(['z', 'a']);
  expect(tasks[0]!.inputs).toEqual([tasks[1]!.id, OWN]);
});

it('seals secrets, each for its task, under one key', async () => {
  const task = { operation: 'import/url', url: 'http://invalid.url', headers: { Authorization: 'hidden' } };
  const { tasks, wrappedKey } = await plan({ a: task, b: task });
  expect(JSON.stringify(tasks)).not.toContain('hidden');
  for (const { id, options } of tasks) expect(openSealedOptions(MASTER, options, wrappedKey, id)).toMatchObject({ headers: { Authorization: 'hidden' } });
  expect(() => openSealedOptions(MASTER, tasks[0]!.options, wrappedKey, tasks[1]!.id)).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }));
  expect(() => openSealedOptions(MASTER, tasks[0]!.options, undefined, tasks[0]!.id)).toThrow(expect.objectContaining({ code: 'GONE' }));
  expect((await plan({ a: { operation: 'import/upload' } })).wrappedKey).toBeUndefined();
});

it('keeps content apart from the options', async () => {
  const { tasks, contents } = await plan({ a: { operation: 'import/raw', file: 'bytes', filename: 'a.txt' } });
  expect(JSON.stringify(tasks)).not.toContain('bytes');
  expect(contents.get(tasks[0]!.id)).toEqual({ encoding: 'utf8', data: 'bytes', filename: 'a.txt' });
});

it('tells all mistakes at once, by task and field', async () => {
  expect(await errorsOf(plan({ a: { operation: 'import/url' }, b: { operation: 'nope' }, c: { operation: 'import/upload' } }))).toEqual({
    'tasks.a.url': [expect.any(String)],
    'tasks.b.operation': ['The selected operation is invalid.'],
  });
  expect(await errorsOf(plan({ a: { operation: 'export/url', input: ['x', 'y'] }, b: { operation: 'export/url', input: OWN } }, 8))).toEqual({
    'tasks.a.input': ['Invalid input task.'],
    'tasks.b.input': ['Invalid input task.'],
  });
  expect(await errorsOf(planner.planTask(OWN, { operation: 'export/url', input: ['x'], ignore_error: false }, 7))).toEqual({ input: ['Invalid input task.'] });
});

it('names the field and what it may be where nobody does a conversion', async () => {
  const refused = (name: string) => ({ code: 'INVALID_CONVERSION_TYPE', publicMessage: 'This conversion type is not supported', errors: { [name]: [expect.stringMatching(/Valid values: .*png/)] } });
  const body = { operation: 'convert', input: ['a'], output_format: 'xyz' };
  await expect(plan({ a: { operation: 'import/upload' }, b: body })).rejects.toMatchObject(refused('tasks.b.output_format'));
  await expect(planner.planTask(OWN, { ...body, ignore_error: false }, 7)).rejects.toMatchObject(refused('output_format'));
});

it.each([[null], [[]], ['x'], [{ tasks: [] }], [{ tasks: null }], [{ tasks: { a: null } }], [{ tasks: { 'a b': { operation: 'x' } } }], [{ tasks: { a: { operation: 'x', input: [1] } } }]])(
  'refuses the body %j',
  (body) => {
    expect(() => readJobBody(body, 500)).toThrow(expect.objectContaining({ code: 'INVALID_DATA', errors: expect.any(Object) }));
  },
);
