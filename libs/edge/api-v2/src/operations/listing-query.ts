import { canonicalFormat } from '@millrace/catalog';
import { includeOf } from '../lists/include';

/** What `GET /v2/operations` is asked for (contract §8); what is undefined is not asked for. */
export interface ListingQuery {
  readonly operation: string | undefined;
  readonly input: string | undefined;
  readonly output: string | undefined;
  readonly engine: string | undefined;
  readonly version: string | undefined;
  readonly alternatives: boolean;
  readonly options: boolean;
  readonly versions: boolean;
}

type Query = Readonly<Record<string, unknown>>;

/** The last of the values, where one is given and not empty. */
function last(query: Query, name: string): string | undefined {
  const value = [query[name]].flat().at(-1);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Nothing is refused: what nobody offers is offered by nobody, and the unknown is ignored. */
export function readListingQuery(query: Query): ListingQuery {
  const format = (name: string): string | undefined => {
    const value = last(query, name);
    return value === undefined ? undefined : canonicalFormat(value);
  };
  const engine = last(query, 'filter[engine]');
  const include = includeOf(query);
  const alternatives = last(query, 'alternatives');
  return {
    operation: last(query, 'filter[operation]'),
    input: format('filter[input_format]'),
    output: format('filter[output_format]'),
    engine,
    version: last(query, 'filter[engine_version]'),
    // Who asks for an engine is told all that it does.
    alternatives: alternatives === undefined ? engine !== undefined : alternatives === 'true' || alternatives === '1',
    options: include.has('options'),
    versions: include.has('engine_versions'),
  };
}
