import { Failure } from '@millrace/failures';
import { answersTo } from './conversions';
import type { Offer, Options } from './declaration';
import { canonicalFormat } from './formats';

/** So many valid values are named; there are fewer of most. */
const MOST_VALUES = 150;

const sorted = (values: Iterable<string | null>): string[] => [...new Set(values)].filter((value) => value !== null).sort();

/** Values for a sentence, none longer than the catalog. */
export function listed(values: Iterable<string | null>): string {
  const all = sorted(values);
  const more = all.length > MOST_VALUES ? ` and ${all.length - MOST_VALUES} more` : '';
  return `${all.slice(0, MOST_VALUES).join(', ')}${more}`;
}

const enginesOf = (offers: readonly Offer[]): string[] => offers.flatMap(({ engines }) => (engines[0] ? [engines[0].name] : []));

/** What is wrong with the options that choose the way, per field, where no way is left of what is on offer. */
function errorsOf(options: Options, offers: readonly Offer[]): Record<string, string[]> {
  const formatIn = (field: string): string | undefined => (typeof options[field] === 'string' ? canonicalFormat(options[field]) : undefined);
  const [input, output] = [formatIn('input_format'), formatIn('output_format')];
  const engine = typeof options.engine === 'string' ? options.engine : undefined;
  const errors: Record<string, string[]> = {};
  const tell = (field: string, about: string, values: string): void => void (errors[field] = [`The selected ${field.replace('_', ' ')} is invalid${about}. Valid values: ${values}.`]);

  const ofInput = input === undefined ? offers : offers.filter((offer) => offer.input === input);
  const inputKnown = ofInput.length > 0;
  if (!inputKnown) tell('input_format', '', listed(offers.map((offer) => offer.input)));
  const possible = inputKnown ? ofInput : offers;
  const pair = output === undefined ? possible : possible.filter((offer) => offer.output === output);
  if (pair.length === 0) tell('output_format', inputKnown && input !== undefined ? ` for the input format ${input}` : '', listed(possible.map((offer) => offer.output)));
  const able = pair.length > 0 ? pair : possible;
  const does = (offer: Offer): boolean => engine !== undefined && offer.engines[0] !== undefined && answersTo(offer.engines[0], engine);
  // Where the pair is wrong, of the engine it is only told that there is none of this name.
  if (engine !== undefined && !(pair.length > 0 ? pair : offers).some(does)) tell('engine', pair.length > 0 && output !== undefined ? ` for ${input === undefined ? '' : `${input} to `}${output}` : '', listed(enginesOf(able)));
  return errors;
}

/** INVALID_CONVERSION_TYPE with the fields that are wrong and what they may be. */
export const unsupported = (options: Options, offers: readonly Offer[]): Failure =>
  new Failure('INVALID_CONVERSION_TYPE', 'This conversion type is not supported', { errors: errorsOf(options, offers) });

/** The engines that may be asked for where `input` is to become `output`, as a sentence after a space; nothing where there are none. */
export function possibleEngines(offers: readonly Offer[], input: string, output: unknown): string {
  const engines = listed(enginesOf(offers.filter((offer) => offer.input === input && offer.output === output)));
  return engines === '' ? '' : ` Possible engines: ${engines}.`;
}
