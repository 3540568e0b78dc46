import { Failure } from '@millrace/failures';
import { z } from 'zod';
import { answersTo, converts } from '../conversions';
import type { EngineDeclaration, OperationDeclaration } from '../declaration';
import { filename, format, text, version } from '../fields';
import { failureOfIssues } from '../messages';

/** The options that choose the engine. */
const selection = z.object({ input_format: format().optional(), output_format: format(), engine: text(64).optional() });

function choose(raw: Readonly<Record<string, unknown>>, engines: readonly EngineDeclaration[]): EngineDeclaration {
  const parsed = selection.safeParse(raw);
  if (!parsed.success) throw failureOfIssues(parsed.error, raw, []);
  const { input_format: from, output_format: to, engine: name } = parsed.data;
  const engine = engines.find(
    (candidate) => (name === undefined || answersTo(candidate, name)) && converts(candidate, to, from),
  );
  if (!engine) throw new Failure('INVALID_CONVERSION_TYPE', 'This conversion type is not supported');
  return engine;
}

export const convert: OperationDeclaration = {
  operation: 'convert',
  kind: 'process',
  input: 'many',
  place: 'worker',
  group: 'convert',
  options: selection.extend({ engine_version: version().optional(), filename: filename().optional() }),
  choose,
  steps: (options, engine) => [{ engine: engine!.name, version: typeof options.engine_version === 'string' ? options.engine_version : 'any' }],
};
