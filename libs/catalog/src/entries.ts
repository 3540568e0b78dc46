import type { z } from 'zod';
import type { ConversionTable } from './conversion-table';
import type { DescribedOption, EngineDeclaration, Offer, OperationDeclaration, OperationEntry } from './declaration';
import { describedOptions } from './described-options';
import { schemaOf } from './way-options';

/** Work costs one credit; moving files costs none. */
const WORK_CREDITS = 1;

const order = ({ meta, operation, input_format, output_format }: OperationEntry): string => [meta.group, operation, input_format ?? '', output_format ?? ''].join('\n');

function offersOf({ routing, steps = [], outputs = [null], group }: OperationDeclaration, table: ConversionTable): Offer[] {
  if (routing) return routing.offers(table);
  return outputs.map((output) => ({ input: null, output, engines: steps.map(({ engine }) => table.engine(engine)!), group, alternative: false }));
}

/** Everything on offer, ordered by group, operation, input and output format; the engine that is the default of a pair comes first. */
export function entriesOf(operations: readonly OperationDeclaration[], table: ConversionTable): OperationEntry[] {
  const described = new Map<z.ZodObject, readonly DescribedOption[]>();
  const entries = operations.flatMap((declaration) => {
    const optionsOf = (engines: readonly EngineDeclaration[]): readonly DescribedOption[] => {
      const schema = schemaOf(declaration, engines);
      const options = described.get(schema) ?? describedOptions(schema, declaration.kind);
      described.set(schema, options);
      return options;
    };
    const credits = declaration.kind === 'process' && declaration.group !== 'fault' ? WORK_CREDITS : 0;
    return offersOf(declaration, table).map(({ input, output, engines, group, alternative }): OperationEntry => ({
      operation: declaration.operation,
      input_format: input,
      output_format: output,
      engine: engines[0]?.name ?? null,
      credits,
      meta: { group },
      needs: engines.map(({ name }) => name),
      alternative,
      options: optionsOf(engines),
    }));
  });
  return entries.sort((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0));
}
