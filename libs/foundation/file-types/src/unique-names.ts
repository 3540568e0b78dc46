import { cleanFilename } from './filename';

const ENDING = /(?:\.tar)?\.[^.\s]{1,20}$/i;

/** Names that some file system takes for one: letters differ in case or in composition only. */
const folded = (name: string): string => name.toUpperCase().toLowerCase().normalize('NFC');

/**
 * Names for files that are to lie in one folder, in order: each cleaned (`cleanFilename`), and one that was there already, in any case
 * of letters, numbered before its extension: `a.pdf`, `a (2).pdf`.
 */
export function uniqueFilenames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  const last = new Map<string, number>();
  return names.map((given) => {
    const name = cleanFilename(given);
    const ending = ENDING.exec(name)?.[0] ?? '';
    const stem = name.slice(0, name.length - ending.length);
    let unique = name;
    // Where it stopped the last time it goes on: five hundred files of one name are not compared with each other.
    for (let number = last.get(folded(name)) ?? 1; taken.has(folded(unique)); ) {
      number += 1;
      unique = cleanFilename(`${shortened(stem, ending)} (${number})${ending}`);
      last.set(folded(name), number);
    }
    taken.add(folded(unique));
    return unique;
  });
}

/** Room for the number: a name cut to 255 bytes afterwards would lose it again. */
function shortened(stem: string, ending: string): string {
  const room = 255 - Buffer.byteLength(ending) - ' (1000000)'.length;
  let short = stem;
  while (Buffer.byteLength(short) > room) short = [...short].slice(0, -1).join('');
  return short;
}
