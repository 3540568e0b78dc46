import { pairsOf } from './conversions';
import type { EngineDeclaration, OperationDeclaration, OperationEntry } from './declaration';

/** A conversion costs one credit; moving files costs none. */
const CONVERT_CREDITS = 1;

const order = ({ meta, operation, input_format, output_format }: OperationEntry): string => [meta.group, operation, input_format ?? '', output_format ?? ''].join('\n');

function conversions(operation: string, engine: EngineDeclaration): OperationEntry[] {
  return pairsOf(engine).map(({ from, to, group }) => ({ operation, input_format: from, output_format: to, engine: engine.name, credits: CONVERT_CREDITS, meta: { group } }));
}

/** One entry per conversion of each engine, and one per operation that chooses none. */
export function entriesOf(operations: readonly OperationDeclaration[], engines: readonly EngineDeclaration[]): OperationEntry[] {
  const entries = operations.flatMap((declaration): OperationEntry[] => {
    const { operation, group } = declaration;
    if (declaration.choose) return engines.flatMap((engine) => conversions(operation, engine));
    return [{ operation, input_format: null, output_format: null, engine: declaration.steps({})[0]?.engine ?? null, credits: 0, meta: { group } }];
  });
  return entries.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}
