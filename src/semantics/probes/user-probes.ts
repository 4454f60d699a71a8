/**
 * Attach points in user-space binaries: uprobe, uretprobe and usdt, resolved by the binaries' symbols and notes.
 */

import { didYouMean } from '../../diagnostics/nearest.ts';
import type { BinaryFacts, BinarySymbol } from '../../kernel/facts.ts';
import { hasWildcard, wildcardMatcher } from '../../text/wildcard.ts';
import type { Checker } from '../checker.ts';
import { type AttachPointParts, type ExpandedSite, missingProbe } from './expand.ts';
import { readNumber } from './timers.ts';

/** expandUserProbe resolves uprobe, uretprobe and usdt. */
export function expandUserProbe(checker: Checker, point: AttachPointParts): readonly ExpandedSite[] {
  const target = point.parts.length === 1 ? '' : (point.parts[0] ?? '');
  const { pid } = checker.options;
  if (target === '' && pid === undefined) {
    checker.error(
      'malformed-probe',
      `${point.provider.name} probe must be of the form ${point.provider.form}`,
      point.span,
      { hints: ['the binary can only be left out with -p PID'] },
    );
    return [];
  }
  const line = point.provider.name === 'uprobe' ? sourceLine(point.parts) : undefined;
  if (line !== undefined) return lineSites(checker, point, line);
  const paths = checker.facts.binaries.resolve(target, pid);
  if (paths.length === 0) {
    return missingProbe(
      checker,
      `${point.provider.name} target file '${target}' does not exist or is not executable`,
      point.span,
    );
  }
  const found = paths.map((path) =>
    point.provider.name === 'usdt'
      ? usdtSites(checker, point, path)
      : functionSites(checker, point, path, point.provider.name === 'uretprobe' ? 'uretprobe' : 'uprobe'),
  );
  const sites = found.flatMap((each) => each ?? []);
  if (sites.length > 0 || found.includes(undefined)) return sites;
  const wanted = point.parts.at(-1) ?? '';
  const known =
    point.provider.name === 'usdt'
      ? paths.flatMap((path) => checker.facts.binaries.usdt(path).map((probe) => probe.name))
      : paths.flatMap((path) => checker.facts.binaries.symbols(path).map((symbol) => symbol.name));
  return missingProbe(
    checker,
    `No probes found for ${point.provider.name}:${point.parts.join(':')}`,
    point.span,
    known.length > 0 ? didYouMean(wanted, known) : NOTHING_THERE[point.provider.name === 'usdt' ? 'usdt' : 'uprobe'],
  );
}

/** What to say of a file that offers nothing at all. */
const NOTHING_THERE = {
  usdt: ['the file has no static markers'],
  uprobe: ['the file is no ELF file, or was stripped of its symbols: uprobe:binary:0xADDRESS needs none'],
};

/** Where the kernel finds the place: a member of an archive starts somewhere within the archive. */
function placeOf(binaries: BinaryFacts, path: string, fileOffset: bigint) {
  const mapped = binaries.mappedAt(path);
  return { path: mapped.path, fileOffset: mapped.offset + fileOffset };
}

/** A path is shown as it was written; what stands for one (a command, a library, a pattern) as the path it stands for. */
function shownPath(point: AttachPointParts, path: string): string {
  const target = point.parts[0] ?? '';
  return point.parts.length > 1 && target.includes('/') && !hasWildcard(target) ? target : path;
}

interface SourceLine {
  readonly target: string;
  readonly file: string;
  readonly line: number;
}

/** `bin@file:line`, `bin@file:line:column`: the column only picks among the statements of one line. */
function sourceLine(parts: readonly string[]): SourceLine | undefined {
  const [place = '', line = ''] = parts;
  const at = place.lastIndexOf('@');
  if (at < 0 || !/^\d+$/.test(line)) return undefined;
  return { target: place.slice(0, at), file: place.slice(at + 1), line: Number(line) };
}

function lineSites(checker: Checker, point: AttachPointParts, place: SourceLine): readonly ExpandedSite[] {
  const { binaries } = checker.facts;
  const { pid } = checker.options;
  const { target, file, line } = place;
  const paths = binaries.resolve(target, pid);
  if (paths.length === 0) {
    return missingProbe(checker, `uprobe target file '${target}' does not exist or is not executable`, point.span);
  }
  const sites = paths.flatMap((path) =>
    binaries.sourceLines(path, file, line).map(
      ({ fileOffset }): ExpandedSite => ({
        site: {
          provider: 'uprobe',
          ...placeOf(binaries, path, fileOffset),
          symbol: `${file}:${line}`,
          ...(pid !== undefined && { pid }),
          name: `uprobe:${point.parts.join(':')}`,
          span: point.span,
        },
        args: () => ({ kind: 'none' }),
        argumentSpace: 'user',
      }),
    ),
  );
  return sites.length > 0
    ? sites
    : missingProbe(checker, `No code found for line ${line} of '${file}' in '${target}'`, point.span, [
        'the binary needs debug information (-g), and the line must have code of its own',
      ]);
}

/** Undefined after a reported error. */
function functionSites(
  checker: Checker,
  point: AttachPointParts,
  path: string,
  provider: 'uprobe' | 'uretprobe',
): readonly ExpandedSite[] | undefined {
  const text = point.parts.at(-1) ?? '';
  const { pid } = checker.options;
  const binaries = checker.facts.binaries;
  const site = (symbol: string, fileOffset: bigint, functionName?: string): ExpandedSite => ({
    site: {
      provider,
      ...placeOf(binaries, path, fileOffset),
      symbol,
      ...(pid !== undefined && { pid }),
      name: `${provider}:${shownPath(point, path)}:${symbol}`,
      span: point.span,
    },
    args: () => {
      // When a function returns its arguments are gone.
      const type =
        functionName === undefined || provider === 'uretprobe' ? undefined : binaries.functionType(path, functionName);
      return type === undefined
        ? { kind: 'none' }
        : {
            kind: 'function',
            parameters: type.parameters,
            isTrusted: false,
            description: `function ${functionName}`,
          };
    },
    argumentSpace: 'user',
  });
  const address = readNumber(text);
  if (address !== undefined) {
    const fileOffset = binaries.fileOffset(path, address);
    return fileOffset === undefined ? [] : [site(text, fileOffset)];
  }
  const plus = text.indexOf('+');
  const name = plus < 0 ? text : text.slice(0, plus);
  const offset = plus < 0 ? 0n : readNumber(text.slice(plus + 1));
  if (offset === undefined) {
    checker.error('invalid-number', `Invalid offset: ${text.slice(plus + 1)}`, point.span);
    return undefined;
  }
  if (provider === 'uretprobe' && offset !== 0n) {
    checker.error('malformed-probe', 'uretprobes can not be attached at function offsets', point.span);
    return undefined;
  }
  const isCpp = point.parts.length === 3 && point.parts[1] === 'cpp';
  const matches = wildcardMatcher(name);
  const seen = new Set<bigint>();
  const sites: ExpandedSite[] = [];
  for (const symbol of binaries.symbols(path)) {
    if (!symbol.isFunction || !symbolMatches(symbol, matches, isCpp || name.includes('::'))) continue;
    if (hasWildcard(name) && seen.has(symbol.fileOffset)) continue;
    seen.add(symbol.fileOffset);
    if (symbol.size > 0 && offset >= BigInt(symbol.size) && !checker.options.isUnsafe) {
      const message = `Offset outside the function bounds ('${symbol.name}' size is ${symbol.size})`;
      checker.error('malformed-probe', message, point.span);
      return undefined;
    }
    if (offset > 0n && !checker.options.isUnsafe && binaries.isInsideInstruction?.(path, symbol, offset)) {
      checker.error('malformed-probe', `Could not add uprobe into middle of instruction: ${path}:${text}`, point.span, {
        hints: ['objdump -d shows where instructions begin; a breakpoint elsewhere changes what the program does'],
      });
      return undefined;
    }
    sites.push(site(plus < 0 ? symbol.name : text, symbol.fileOffset + offset, symbol.name));
    if (!hasWildcard(name) && !isCpp) break;
  }
  return sites;
}

function symbolMatches(symbol: BinarySymbol, matches: (name: string) => boolean, isCpp: boolean): boolean {
  if (matches(symbol.name)) return true;
  if (!isCpp || symbol.demangled === undefined) return false;
  return matches(symbol.demangled) || matches(symbol.demangled.replace(/\(.*$/, ''));
}

function usdtSites(checker: Checker, point: AttachPointParts, path: string): readonly ExpandedSite[] {
  const matchesName = wildcardMatcher(point.parts.at(-1) ?? '');
  const matchesNamespace = wildcardMatcher(point.parts.length === 3 ? (point.parts[1] ?? '') : '*');
  const { pid } = checker.options;
  return checker.facts.binaries
    .usdt(path)
    .filter((probe) => matchesName(probe.name) && matchesNamespace(probe.provider))
    .map((probe) => ({
      site: {
        provider: 'usdt',
        ...placeOf(checker.facts.binaries, path, probe.fileOffset),
        semaphoreOffset:
          probe.semaphoreOffset === 0n ? 0n : placeOf(checker.facts.binaries, path, probe.semaphoreOffset).fileOffset,
        args: probe.args,
        ...(pid !== undefined && { pid }),
        name: `usdt:${shownPath(point, path)}:${probe.provider}:${probe.name}`,
        span: point.span,
      },
      args: () => ({
        kind: 'markers',
        count: probe.args.length,
        description: JSON.stringify(probe.args, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
      }),
      argumentSpace: 'user',
    }));
}
