/**
 * `-l [PATTERN]`: all probes of this machine, or those that match, as lines. A pure function of facts and pattern.
 * Patterns are separated by commas; one without a colon is looked for with every provider. Providers come in the order
 * of their names, probes sorted within each; return probes only when asked for, since they repeat the entries.
 */

import type { FunctionsByModule, KernelFacts } from '../kernel/facts.ts';
import { providerNamed } from '../language/providers.ts';
import { hasWildcard, wildcardMatcher } from '../text/wildcard.ts';
import { isDefinitionPattern, listDefinitions } from './definitions.ts';
import { bareRow, hardwareRows, selfRows, softwareRows, timerRows } from './fixed-probes.ts';
import {
  entryDetails,
  exitDetails,
  exitLines,
  functionsByModule,
  iteratorDetails,
  iteratorRows,
  parameterLines,
  rawTracepointDetails,
  rawTracepointRows,
  tracepointDetails,
  tracepointRows,
  typedFunctionsByModule,
} from './kernel-probes.ts';
import { uprobeDetails, uprobeRows, usdtRows } from './user-probes.ts';

export interface ListOptions {
  /** `-v`: arguments of probes, definitions of types. */
  readonly isVerbose?: boolean;
  /** `-p`: whose binaries are meant where a pattern names none. */
  readonly pid?: number;
}

/** ProbeRow is one probe, as the parts behind its provider. */
export type ProbeRow = readonly string[];

/** Lines that begin alike, sorted. There can be 60,000 functions: their lines are written by joining names. */
interface Block {
  readonly prefix: string;
  readonly lines: readonly string[];
}

interface Provider {
  readonly name: string;
  readonly rows: (facts: KernelFacts) => Iterable<ProbeRow>;
  /** Instead of rows: the last part by the first. */
  readonly groups?: (facts: KernelFacts) => FunctionsByModule;
  /** Lines that `-v` adds. */
  readonly details?: (facts: KernelFacts, row: ProbeRow) => readonly string[];
  /** The first part is a module, and the kernel's own name is not written. */
  readonly hidesKernel?: boolean;
  /** Left out when the pattern's provider is a wildcard. */
  readonly isOnRequest?: boolean;
  /** The first part of the pattern names binaries, and the rows are theirs. */
  readonly rowsOfBinary?: (facts: KernelFacts, target: string, options: ListOptions) => Iterable<ProbeRow>;
}

const none = () => [];

const PROVIDERS: readonly Provider[] = [
  { name: 'begin', rows: bareRow, isOnRequest: true },
  { name: 'end', rows: bareRow, isOnRequest: true },
  { name: 'fentry', rows: none, groups: typedFunctionsByModule, details: entryDetails },
  { name: 'fexit', rows: none, groups: typedFunctionsByModule, details: exitDetails, isOnRequest: true },
  { name: 'hardware', rows: hardwareRows },
  { name: 'interval', rows: timerRows },
  { name: 'iter', rows: iteratorRows, details: iteratorDetails },
  { name: 'kprobe', rows: none, groups: functionsByModule, hidesKernel: true },
  { name: 'kretprobe', rows: none, groups: functionsByModule, hidesKernel: true, isOnRequest: true },
  { name: 'profile', rows: timerRows },
  { name: 'rawtracepoint', rows: rawTracepointRows, details: rawTracepointDetails },
  { name: 'self', rows: selfRows },
  { name: 'software', rows: softwareRows },
  { name: 'tracepoint', rows: tracepointRows, details: tracepointDetails },
  { name: 'uprobe', rows: none, rowsOfBinary: uprobeRows, details: uprobeDetails },
  { name: 'uretprobe', rows: none, rowsOfBinary: uprobeRows, isOnRequest: true },
  { name: 'usdt', rows: none, rowsOfBinary: usdtRows },
];

/** listProbes gives the lines of the listing, without line ends. */
export function listProbes(pattern: string | undefined, facts: KernelFacts, options: ListOptions = {}): string[] {
  return blocksOf(pattern, facts, options).flatMap(({ prefix, lines }) => lines.map((line) => prefix + line));
}

/** listingText gives the same as one text, each line with its end. */
export function listingText(pattern: string | undefined, facts: KernelFacts, options: ListOptions = {}): string {
  return blocksOf(pattern, facts, options)
    .map(({ prefix, lines }) => `${prefix}${lines.join(`\n${prefix}`)}\n`)
    .join('');
}

/** None of them empty. */
function blocksOf(pattern: string | undefined, facts: KernelFacts, options: ListOptions): readonly Block[] {
  return splitPatterns(pattern ?? '*')
    .flatMap((each) =>
      isDefinitionPattern(each)
        ? [{ prefix: '', lines: listDefinitions(each, facts, options.isVerbose === true) }]
        : listMatching(each, facts, options),
    )
    .filter(({ lines }) => lines.length > 0);
}

function listMatching(pattern: string, facts: KernelFacts, options: ListOptions): Block[] {
  const colon = pattern.indexOf(':');
  const isBareProvider = colon < 0 && providerNamed(pattern) !== undefined && pattern.length > 2;
  const spelling = colon >= 0 ? pattern.slice(0, colon) : isBareProvider ? pattern : '*';
  const rest = colon >= 0 ? pattern.slice(colon + 1) : isBareProvider ? '*' : pattern;
  const isAnyProvider = hasWildcard(spelling);
  const isWanted = isAnyProvider
    ? wildcardMatcher(spelling)
    : (name: string) => name === (providerNamed(spelling) ?? spelling);
  const blocks: Block[] = [];
  for (const provider of PROVIDERS) {
    if (!isWanted(provider.name) || (isAnyProvider && provider.isOnRequest)) continue;
    const isOfPrograms = rest.startsWith(PROGRAMS) && (provider.name === 'fentry' || provider.name === 'fexit');
    const list = provider.groups !== undefined && !options.isVerbose && !isOfPrograms ? listGroups : listRows;
    if (isOfPrograms) blocks.push(...list(programsOf(provider), rest.slice(PROGRAMS.length), facts, options));
    else blocks.push(...list(provider, rest, facts, options));
  }
  return blocks;
}

/** `fentry:bpf:*`: the BPF programs in the kernel, which come and go, are listed on request. */
const PROGRAMS = 'bpf:';

function programsOf(provider: Provider): Provider {
  const named = (facts: KernelFacts, [id]: ProbeRow) =>
    facts.bpfPrograms?.().find(({ module }) => module === `bpf:${id}`);
  const details = provider.name === 'fexit' ? exitLines : parameterLines;
  return {
    name: `${provider.name}:bpf`,
    rows: (facts) => facts.bpfPrograms?.().map(({ type, module }) => [module.slice(PROGRAMS.length), type.name]) ?? [],
    details: (facts, row) => details(named(facts, row)),
  };
}

/** Lines are sorted as texts: a module's stand together, where its name and the colon behind it belong. */
function listGroups(provider: Provider, pattern: string, facts: KernelFacts): readonly Block[] {
  const { matches, isAll } = partMatcher(pattern, false);
  const blocks: Block[] = [];
  for (const [module, names] of provider.groups?.(facts) ?? []) {
    const lines = isAll ? names : names.filter((name) => matches([module, name]));
    blocks.push({ prefix: `${lineOf(provider, [module, ''])}`, lines });
  }
  blocks.sort((left, right) => (left.prefix < right.prefix ? -1 : 1));
  if (!provider.hidesKernel) return blocks;
  // The kernel's own have the shortest prefix, so they come first, and the others belong between them.
  const [own, ...others] = blocks;
  if (own === undefined || own.prefix !== `${provider.name}:`) return blocks;
  const merged: Block[] = [];
  let rest = own.lines;
  for (const other of others) {
    const at = firstFrom(rest, other.prefix.slice(own.prefix.length));
    merged.push({ prefix: own.prefix, lines: rest.slice(0, at) }, other);
    rest = rest.slice(at);
  }
  return [...merged, { prefix: own.prefix, lines: rest }];
}

/** The first place in a sorted list that holds no less than the text. */
function firstFrom(sorted: readonly string[], text: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

function* rowsOfGroups(groups: FunctionsByModule): Generator<ProbeRow> {
  for (const [module, names] of groups) {
    for (const name of names) yield [module, name];
  }
}

function listRows(provider: Provider, pattern: string, facts: KernelFacts, options: ListOptions): readonly Block[] {
  const { parts, matches } = partMatcher(pattern, provider.rowsOfBinary !== undefined);
  const target = provider.rowsOfBinary && targetOf(parts, options);
  const rows =
    target !== undefined
      ? (provider.rowsOfBinary?.(facts, target, options) ?? [])
      : provider.groups === undefined
        ? provider.rows(facts)
        : rowsOfGroups(provider.groups(facts));
  const found: ProbeRow[] = [];
  const texts: string[] = [];
  let isSorted = true;
  let previous = '';
  for (const row of rows) {
    if (!matches(row)) continue;
    const text = lineOf(provider, row);
    isSorted &&= previous < text;
    previous = text;
    texts.push(text);
    if (options.isVerbose) found.push(row);
  }
  if (!options.isVerbose) return [{ prefix: '', lines: isSorted ? texts : texts.sort() }];
  const order = [...texts.keys()];
  if (!isSorted) order.sort((left, right) => ((texts[left] ?? '') < (texts[right] ?? '') ? -1 : 1));
  const lines: string[] = [];
  for (const index of order) {
    lines.push(texts[index] ?? '');
    for (const detail of provider.details?.(facts, found[index] ?? []) ?? []) lines.push(`    ${detail}`);
  }
  return [{ prefix: '', lines }];
}

function lineOf({ name, hidesKernel }: Provider, row: ProbeRow): string {
  const [first = '', second] = row;
  if (first === '') return name;
  if (hidesKernel && first === 'vmlinux') return `${name}:${second}`;
  return row.length === 2 ? `${name}:${first}:${second}` : `${name}:${row.join(':')}`;
}

/** What binaries are meant: the first part, or those of the process. */
function targetOf(parts: readonly string[], { pid }: ListOptions): string | undefined {
  const [first] = parts;
  if (first === undefined || first === '' || (parts.length === 1 && hasWildcard(first))) {
    return pid === undefined ? undefined : '';
  }
  return first;
}

/**
 * The parts of a pattern apply to the last parts of a probe: `vfs_*` is a function of any module. A single part with
 * wildcards also matches across the colons, as in `*sched_sw*`; trailing empty parts and those left out match all.
 */
function partMatcher(
  rest: string,
  hasTarget: boolean,
): {
  readonly parts: readonly string[];
  readonly matches: (parts: readonly string[]) => boolean;
  readonly isAll: boolean;
} {
  const parts = splitParts(rest);
  // The target has chosen the binaries already.
  const wanted = hasTarget ? parts.slice(1) : parts;
  if (wanted.every((part) => /^\**$/.test(part))) return { parts, matches: () => true, isAll: true };
  const matchers = wanted.map((part) => (part === '' ? () => true : wildcardMatcher(part)));
  const [only] = wanted;
  const across = wanted.length === 1 && only !== undefined && hasWildcard(only) ? wildcardMatcher(only) : undefined;
  const last = matchers.at(-1);
  return {
    parts,
    isAll: false,
    matches: (probe) => {
      if (matchers.length === 1 && last !== undefined) {
        // A counter's or timer's last part is the empty place of its number.
        const name = probe.at(-1) === '' ? probe.at(-2) : probe.at(-1);
        return last(name ?? '') || across?.(probe.join(':')) === true;
      }
      const offset = Math.max(probe.length - matchers.length, 0);
      return matchers.every((matcher, index) => matcher(probe[offset + index] ?? ''));
    },
  };
}

/** Commas separate patterns, except within quotes and classes. */
function splitPatterns(text: string): string[] {
  return splitOutside(text, ',')
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '');
}

/** Colons separate parts; a quoted part may hold them. */
function splitParts(text: string): string[] {
  return splitOutside(text, ':').map((part) => part.replace(/^"(.*)"$/, '$1'));
}

function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [''];
  let isQuoted = false;
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted;
    if (character === separator && !isQuoted) parts.push('');
    else parts.push((parts.pop() ?? '') + character);
  }
  return parts;
}
