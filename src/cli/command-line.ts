/**
 * Words of the command line to a typed request. bpftrace's option style is brought into one canonical form here (clusters
 * such as `-lv`, values glued on, optional values, options after operands), which a reader of flags turns into values: meow,
 * or where only checks are made, one that needs no loading (`plain-flags.ts`). Mistakes are diagnostics.
 */

import { createDiagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { didYouMean, nearestName } from '../diagnostics/nearest.ts';
import { type CliOption, DEBUG_STAGES, FEATURES, OPTIONS, type OptionName, UNSUPPORTED } from './options.ts';

type OptionOf<N extends OptionName> = Extract<(typeof OPTIONS)[number], { readonly name: N }>;
type FlagValue<O> = O extends { readonly value: string }
  ? O extends { readonly isRepeatable: true }
    ? readonly string[]
    : string | undefined
  : boolean;

/** Values by option: text (absent: undefined), a list for repeatable ones, true or false for switches. */
export type Flags = { readonly [N in OptionName]: FlagValue<OptionOf<N>> };

export interface CommandLine {
  readonly flags: Flags;
  /** `-k` given twice and the like are mistakes, `-vv` is not. */
  readonly program:
    | {
        readonly kind: 'text' | 'file';
        readonly value: string;
        /** What a text is called in messages, if not `stdin`. */
        readonly name?: string;
      }
    | undefined;
  /** Words after the program; with `-l` the patterns. */
  readonly positional: readonly string[];
  /** `--name=value` after `--`. */
  readonly named: ReadonlyMap<string, string | true>;
  /** `bptop WORD …`, where the word is none of a file: everything after it, untouched. */
  readonly subcommand: { readonly name: string; readonly args: readonly string[] } | undefined;
  /** `--help` rather than `-h`: all of it. */
  readonly isLongHelp: boolean;
}

export interface ParseContext {
  /** Whether a first word without an option is a sub-word (a tool, `replay`, …) rather than a script. */
  readonly isSubcommand: (word: string) => boolean;
  /** Whether a word names a readable script, for old uses of `-d` without a stage. */
  readonly isFile: (word: string) => boolean;
  readonly readFlags: FlagReader;
}

/** One use of an option, in the order of the words. */
export interface GivenOption {
  readonly option: CliOption;
  readonly value?: string;
}

/** FlagReader gives the values of all options, absent ones included: the last use counts, or each of a repeatable one. */
export type FlagReader = (given: readonly GivenOption[]) => Flags;

export type ParseResult =
  | { readonly commandLine: CommandLine; readonly diagnostics: readonly [] }
  | { readonly commandLine: undefined; readonly diagnostics: readonly Diagnostic[] };

/** parseCommandLine reads everything after the program's name. */
export function parseCommandLine(argv: readonly string[], context: ParseContext): ParseResult {
  const normalized = new Normalizer(context).run(argv);
  const { diagnostics } = normalized;
  if (diagnostics.length > 0) return { commandLine: undefined, diagnostics };
  const flags = context.readFlags(normalized.options);
  const mistakes = checkFlags(flags, normalized);
  if (mistakes.length > 0) return { commandLine: undefined, diagnostics: mistakes };
  return { commandLine: assemble(flags, normalized), diagnostics: [] };
}

/** usageError is a mistake in the use of the command line; every such message ends in the same hint. */
export function usageError(message: string, ...hints: readonly string[]): Diagnostic {
  return createDiagnostic('error', 'usage', message, undefined, {
    hints: [...hints, 'bptop --help shows all options'],
  });
}

interface Normalized {
  readonly options: readonly GivenOption[];
  readonly words: readonly string[];
  readonly afterDashes: readonly string[];
  readonly subcommand: CommandLine['subcommand'];
  readonly isLongHelp: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** Walks over the words once; what it collects is in canonical form. */
class Normalizer {
  readonly #context: ParseContext;
  readonly #options: GivenOption[] = [];
  readonly #words: string[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  #argv: readonly string[] = [];
  #at = 0;
  #isLongHelp = false;

  constructor(context: ParseContext) {
    this.#context = context;
  }

  run(argv: readonly string[]): Normalized {
    this.#argv = argv;
    let subcommand: CommandLine['subcommand'];
    let afterDashes: readonly string[] = [];
    while (this.#at < argv.length) {
      const word = argv[this.#at++] ?? '';
      if (word === '--') {
        afterDashes = argv.slice(this.#at);
        break;
      }
      if (word.startsWith('--')) this.#long(word.slice(2));
      // A number below zero is a word for the script: options are letters.
      else if (/^-[^0-9]/.test(word)) this.#cluster(word.slice(1));
      else if (this.#isSubcommand(word)) {
        subcommand = { name: word, args: argv.slice(this.#at) };
        break;
      } else this.#words.push(word);
    }
    return {
      options: this.#options,
      words: this.#words,
      afterDashes,
      subcommand,
      isLongHelp: this.#isLongHelp,
      diagnostics: this.#diagnostics,
    };
  }

  #isSubcommand(word: string): boolean {
    const takesProgram = this.#options.some(({ option }) => option.name === 'execute' || option.name === 'list');
    return !takesProgram && this.#words.length === 0 && this.#context.isSubcommand(word);
  }

  #long(text: string): void {
    const equals = text.indexOf('=');
    const name = equals < 0 ? text : text.slice(0, equals);
    const option = findLong(name);
    if (!option) {
      const near = nearestName(
        name,
        OPTIONS.map((known) => known.name),
      );
      this.#fail(`unknown option '--${name}'`, ...(near === undefined ? [] : [`did you mean '--${near}'?`]));
    } else if (equals >= 0) {
      const value = text.slice(equals + 1);
      if ('value' in option) this.#add(option, value);
      else this.#fail(`option '--${option.name}' takes no value`);
    } else {
      this.#isLongHelp ||= option.name === 'help';
      this.#addWithNext(option, `--${option.name}`);
    }
  }

  #cluster(letters: string): void {
    for (let index = 0; index < letters.length; index++) {
      const letter = letters[index] ?? '';
      const option = ALL.find((candidate) => candidate.short === letter);
      if (!option) {
        const near = letters.length > 1 ? findLong(letters.split('=')[0] ?? '') : undefined;
        const hints = near ? [`did you mean '--${near.name}'?`] : [];
        this.#fail(`unknown option '-${letter}'${letters.length > 1 ? ` in '-${letters}'` : ''}`, ...hints);
        return;
      }
      const rest = letters.slice(index + 1);
      if (option.value !== undefined && rest !== '' && this.#takesRest(option, rest)) {
        this.#add(option, rest);
        return;
      }
      if (option.value === undefined || rest !== '') this.#options.push({ option });
      else this.#addWithNext(option, `-${letter}`);
    }
  }

  /** `-dast` has a value glued on, `-dd` and `-dv` are the old switches. */
  #takesRest(option: CliOption, rest: string): boolean {
    return !option.isValueOptional || (option.choices?.includes(rest) ?? true);
  }

  #addWithNext(option: CliOption, shown: string): void {
    if (option.value === undefined) {
      this.#options.push({ option });
      return;
    }
    const next = this.#argv[this.#at];
    if (option.isValueOptional) {
      if (option.name === 'debug' && next !== undefined && this.#isStage(next)) this.#add(option, this.#next());
      else this.#options.push({ option });
    } else if (next === undefined || next === '--')
      this.#fail(`option '${shown}' needs a value: ${shown} ${option.value}`);
    else this.#add(option, this.#next());
  }

  /** A word behind `-d` is a stage unless it can only be the program, as the old `-d FILE` has it. */
  #isStage(word: string): boolean {
    return !word.startsWith('-') && !this.#context.isFile(word);
  }

  #next(): string {
    return this.#argv[this.#at++] ?? '';
  }

  #add(option: CliOption, value: string): void {
    if (option.choices && !option.choices.includes(value)) {
      const near = nearestName(value, option.choices);
      this.#fail(
        `'${value}' is no ${(option.value ?? 'value').toLowerCase()} of --${option.name}: it takes ${option.choices.join(', ')}`,
        ...(near === undefined ? [] : [`did you mean '${near}'?`]),
      );
    } else this.#options.push({ option, value });
  }

  #fail(message: string, ...hints: readonly string[]): void {
    this.#diagnostics.push(usageError(message, ...hints));
  }
}

const ALL: readonly CliOption[] = OPTIONS;

/** By full name or by a beginning that only one option has, as getopt_long does. */
function findLong(name: string): CliOption | undefined {
  const exact = ALL.find((option) => option.name === name);
  if (exact || name.length < 3) return exact;
  const matches = ALL.filter((option) => option.name.startsWith(name));
  return matches.length === 1 ? matches[0] : undefined;
}

const MAX_PID = 0x400000;

function checkFlags(flags: Flags, { options }: Normalized): readonly Diagnostic[] {
  const mistakes: Diagnostic[] = [];
  const count = (name: OptionName): number => options.filter(({ option }) => option.name === name).length;
  for (const { option } of options) {
    const reason = UNSUPPORTED[option.name];
    if (reason !== undefined) mistakes.push(usageError(`--${option.name} is not supported: ${reason}`));
  }
  if (count('execute') > 1) mistakes.push(usageError('-e can be given once only'));
  if (count('warnings') > 1)
    mistakes.push(usageError('-kk is no longer an option: -k reports all failed reads and lookups'));
  if (flags.warnings && flags['no-warnings']) mistakes.push(usageError('-k and --no-warnings exclude each other'));
  if (flags.pid !== undefined && flags.cmd !== undefined) mistakes.push(usageError('-c and -p exclude each other'));
  if (flags.pid !== undefined) {
    const pid = /^(?:0x[0-9a-f]+|\d+)$/i.test(flags.pid) ? Number(flags.pid) : Number.NaN;
    if (Number.isNaN(pid)) mistakes.push(usageError(`Failed to parse pid: '${flags.pid}' is no number`));
    else if (pid < 1 || pid > MAX_PID) mistakes.push(usageError(`pid '${flags.pid}' out of range [1, 0x400000]`));
  }
  if (flags.interval !== undefined && !(Number(flags.interval) > 0)) {
    mistakes.push(usageError(`'${flags.interval}' is no interval: -i takes seconds, such as 1 or 0.5`));
  }
  for (const feature of flags['no-feature']?.split(',') ?? []) {
    if ((FEATURES as readonly string[]).includes(feature)) continue;
    mistakes.push(
      usageError(
        `--no-feature: there is no feature '${feature}', only ${FEATURES.join(', ')}`,
        ...didYouMean(feature, FEATURES),
      ),
    );
  }
  if (flags['probe-filter'] !== undefined && !isRegex(flags['probe-filter'])) {
    mistakes.push(usageError(`'${flags['probe-filter']}' is no regular expression`));
  }
  return mistakes;
}

function isRegex(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}

function assemble(flags: Flags, { words, afterDashes, subcommand, isLongHelp }: Normalized): CommandLine {
  const named = new Map<string, string | true>();
  const positional = [...words];
  for (const word of afterDashes) {
    if (!word.startsWith('--')) positional.push(word);
    else {
      const equals = word.indexOf('=');
      if (equals < 0) named.set(word.slice(2), true);
      else named.set(word.slice(2, equals), word.slice(equals + 1));
    }
  }
  const isFile = flags.execute === undefined && !flags.list && words.length > 0;
  const program =
    flags.execute !== undefined
      ? ({ kind: 'text', value: flags.execute } as const)
      : isFile
        ? ({ kind: 'file', value: words[0] ?? '' } as const)
        : undefined;
  return { flags, program, positional: isFile ? positional.slice(1) : positional, named, subcommand, isLongHelp };
}

/** The stages of `-d`, `all` spelled out. */
export function debugStages(flags: Flags): ReadonlySet<string> {
  const stages = new Set<string>(flags.debug);
  return stages.has('all') ? new Set(DEBUG_STAGES) : stages;
}
