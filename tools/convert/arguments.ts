import { existsSync, statSync } from 'node:fs';
import path from 'node:path';

export const HELP = `Usage: npm run convert -- <file> <output> [--<option>=<value> ...]
       npm run convert -- <file> <file> ... <output.pdf | output.zip> [--<option>=<value> ...]

Converts a file with the running platform, and starts the platform when none runs. The ending of <output> is the format wanted.
Several files become one: merged into a pdf, or packed into an archive (zip, 7z, tar, tar.gz, tar.bz2).

  --<option>=<value>     an option of the conversion, such as --width=800 --quality=80, --pages=1-2, --audio_bitrate=128.
                         "npm run convert -- --options <from> <to>" lists them
  --data-dir=<folder>    of the platform (MILLRACE_DATA_DIR; default .millrace)
  --base-url=<url>       of another platform, without /v2; needs --key
  --key=<key>            an API key (MILLRACE_API_KEY; default: that of the running platform)
  --quiet                print errors only
  --help                 this text

When a conversion makes several files, they are numbered: out-1.png, out-2.png, ...`;

/** Where the platform is; nothing given: the one of this checkout. */
export interface Target {
  readonly dataDir?: string;
  readonly baseUrl?: string;
  readonly key?: string;
}

export type ConvertCommand =
  | { readonly verb: 'help' }
  | ({ readonly verb: 'options'; readonly from: string; readonly to: string } & Target)
  | ({ readonly verb: 'convert'; readonly inputs: readonly string[]; readonly output: string; readonly options: Readonly<Record<string, string>>; readonly quiet: boolean } & Target);

/** A command line that makes no sense; the message says what would. */
export class UsageError extends Error {}

const OWN = new Set(['data-dir', 'base-url', 'key', 'quiet', 'help', 'options']);
const FLAGS = new Set(['quiet', 'help', 'options']);

/** Splits `--name=value`, `--name value` and bare words; `--name` before another option or at the end is "true". */
function split(argv: readonly string[]): { words: string[]; named: Map<string, string> } {
  const words: string[] = [];
  const named = new Map<string, string>();
  for (let at = 0; at < argv.length; at += 1) {
    const argument = argv[at]!;
    const [, name, value] = /^--([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(argument) ?? [];
    if (name === undefined) words.push(argument);
    else if (value !== undefined) named.set(name, value);
    else if (FLAGS.has(name) || argv[at + 1] === undefined || argv[at + 1]!.startsWith('--')) named.set(name, 'true');
    else named.set(name, argv[(at += 1)]!);
  }
  return { words, named };
}

/** Reads the command line. Throws UsageError. */
export function parseCommand(argv: readonly string[]): ConvertCommand {
  const { words, named } = split(argv);
  if (named.has('help') || (words.length === 0 && named.size === 0)) return { verb: 'help' };
  const given = (name: string): string | undefined => named.get(name);
  const target: Target = {
    ...(given('data-dir') !== undefined && { dataDir: given('data-dir')! }),
    ...(given('base-url') !== undefined && { baseUrl: given('base-url')!.replace(/\/+$/, '').replace(/\/v2$/, '') }),
    ...(given('key') !== undefined && { key: given('key')! }),
  };
  if (target.baseUrl !== undefined && !/^https?:\/\//.test(target.baseUrl)) throw new UsageError('--base-url: an http or https URL, such as https://convert.example.com.');
  if (named.has('options')) {
    if (words.length !== 2) throw new UsageError('--options takes two formats, such as: --options docx pdf');
    return { verb: 'options', from: words[0]!, to: words[1]!, ...target };
  }
  const inputs = words.slice(0, -1);
  const output = words.at(-1);
  if (inputs.length === 0 || output === undefined) throw new UsageError('A file and an output are needed, such as: npm run convert -- report.docx report.pdf');
  for (const input of inputs) {
    if (!existsSync(input) || !statSync(input).isFile()) throw new UsageError(`There is no file ${input}.`);
  }
  if (!existsSync(path.dirname(path.resolve(output)))) throw new UsageError(`There is no folder ${path.dirname(path.resolve(output))}.`);
  const options = Object.fromEntries([...named].filter(([name]) => !OWN.has(name)));
  return { verb: 'convert', inputs, output, options, quiet: named.has('quiet'), ...target };
}
