/**
 * Attach points on kernel functions: kprobe and kretprobe by symbol, offset or address; fentry and fexit by BTF.
 */

import { didYouMean } from '../../diagnostics/nearest.ts';
import type { BtfFunction, FunctionFacts } from '../../kernel/facts.ts';
import { hasWildcard, wildcardMatcher } from '../../text/wildcard.ts';
import type { Checker } from '../checker.ts';
import { type AttachPointParts, type ExpandedSite, missingProbe, plainSite } from './expand.ts';
import { readNumber } from './timers.ts';

/** expandFunctionProbe resolves kprobe, kretprobe, fentry and fexit. */
export function expandFunctionProbe(checker: Checker, point: AttachPointParts): readonly ExpandedSite[] {
  const provider = point.provider.name;
  return provider === 'fentry' || provider === 'fexit'
    ? expandTrampoline(checker, point, provider)
    : expandKprobe(checker, point, provider === 'kretprobe' ? 'kretprobe' : 'kprobe');
}

function expandKprobe(
  checker: Checker,
  point: AttachPointParts,
  provider: 'kprobe' | 'kretprobe',
): readonly ExpandedSite[] {
  const module = point.parts.length === 2 ? point.parts[0] : undefined;
  const text = point.parts.at(-1) ?? '';
  if (text === '') {
    checker.error('malformed-probe', `${provider} probe must be of the form ${point.provider.form}`, point.span);
    return [];
  }
  const address = readNumber(text);
  if (address !== undefined) return addressProbe(checker, point, provider, address);
  const plus = text.indexOf('+');
  const symbol = plus < 0 ? text : text.slice(0, plus);
  const offset = plus < 0 ? 0n : readNumber(text.slice(plus + 1));
  if (offset === undefined) {
    checker.error('invalid-number', `Invalid offset: ${text.slice(plus + 1)}`, point.span);
    return [];
  }
  if (provider === 'kretprobe' && offset !== 0n) {
    checker.error('malformed-probe', 'kretprobes can not be attached at function offsets', point.span);
    return [];
  }
  const site = (name: string, inModule?: string): ExpandedSite =>
    plainSite({
      provider,
      symbol: name,
      offset,
      ...(inModule !== undefined && inModule !== 'vmlinux' && { module: inModule }),
      name: [provider, ...(module === undefined ? [] : [inModule ?? module]), plus < 0 ? name : text].join(':'),
      span: point.span,
    });
  const functions = checker.facts.functions;
  if (!hasWildcard(symbol) && !hasWildcard(module ?? '')) {
    if (functions.isTraceable(symbol, module) === 'no') warnUnknown(checker, point, symbol);
    return [site(symbol, module)];
  }
  const matchesSymbol = wildcardMatcher(symbol);
  const matchesModule = wildcardMatcher(module ?? '*');
  const sites: ExpandedSite[] = [];
  for (const each of functions.list()) {
    if (!matchesSymbol(each.name) || !matchesModule(each.module)) continue;
    sites.push(site(each.name, each.module));
  }
  return sites.length > 0
    ? sites
    : missingProbe(checker, `No probes found for wildcard '${point.parts.join(':')}'`, point.span);
}

/** A single name is tried at attaching whatever the lists say, as scripts for other kernels must still check. */
function warnUnknown(checker: Checker, point: AttachPointParts, symbol: string): void {
  if (checker.config.program.missingProbes === 'ignore') return;
  checker.warning('no-such-function', `No such function: ${symbol}`, point.span, {
    hints: systemCallHint(symbol) ?? nearFunction(checker.facts.functions, symbol),
  });
}

/** Names of system calls before Linux 4.17, and what C's calls look like. */
function systemCallHint(symbol: string): readonly string[] | undefined {
  if (symbol.endsWith('()')) return [`the name alone: ${symbol.slice(0, -2)}`];
  const call = /^(?:sys|SyS)_(\w+)$/.exec(symbol)?.[1];
  return call === undefined ? undefined : [`use tracepoint:syscalls:sys_enter_${call}`];
}

/** The last answers: the prompt line asks again at each key, and there are 60,000 names. */
const nearFunctions = new WeakMap<FunctionFacts, Map<string, readonly string[]>>();

function nearFunction(facts: FunctionFacts, symbol: string): readonly string[] {
  const known = nearFunctions.get(facts) ?? new Map<string, readonly string[]>();
  nearFunctions.set(facts, known);
  let hints = known.get(symbol);
  if (hints === undefined) {
    const names = facts.list().map((each) => each.name);
    hints = didYouMean(symbol, names);
    known.set(symbol, hints);
  }
  return hints;
}

function addressProbe(
  checker: Checker,
  point: AttachPointParts,
  provider: 'kprobe' | 'kretprobe',
  address: bigint,
): readonly ExpandedSite[] {
  if (!checker.options.isUnsafe) {
    checker.error('unsafe-probe', `Attaching to a raw address is unsafe: ${point.parts.join(':')}`, point.span, {
      hints: ['to do it anyway, use the --unsafe flag'],
    });
    return [];
  }
  return [
    plainSite({
      provider,
      symbol: '',
      offset: 0n,
      address,
      name: [provider, ...point.parts].join(':'),
      span: point.span,
    }),
  ];
}

function expandTrampoline(
  checker: Checker,
  point: AttachPointParts,
  provider: 'fentry' | 'fexit',
): readonly ExpandedSite[] {
  if (point.parts.length > 1 && point.parts[0] === 'bpf') return expandBpfProgram(checker, point, provider);
  const types = checker.facts.types;
  const symbol = point.parts.at(-1) ?? '';
  const module = point.parts.length === 2 ? point.parts[0] : undefined;
  if (!types.isAvailable) {
    checker.error('no-btf', `${provider} probes need the kernel's BTF, which is not available`, point.span, {
      hints: [...checker.facts.problems(), `kprobe:${symbol} works without it`],
    });
    return [];
  }
  const matchesModule = wildcardMatcher(module ?? '*');
  const names = hasWildcard(symbol) ? types.namesOf('function').filter(wildcardMatcher(symbol)) : [symbol];
  const sites: ExpandedSite[] = [];
  for (const name of names) {
    const found = types.function(name, module !== undefined && !hasWildcard(module) ? module : undefined);
    if (found === undefined || !matchesModule(found.module)) continue;
    if (hasWildcard(symbol) && checker.facts.functions.isTraceable(name, found.module) === 'no') continue;
    sites.push(trampolineSite(point, provider, name, found, true));
  }
  if (sites.length > 0) return sites;
  return missingProbe(
    checker,
    `No BTF found for function: ${point.parts.join(':')}`,
    point.span,
    didYouMean(symbol, types.namesOf('function')),
  );
}

/** `bpf:program`, `bpf:id:program`. */
function expandBpfProgram(
  checker: Checker,
  point: AttachPointParts,
  provider: 'fentry' | 'fexit',
): readonly ExpandedSite[] {
  const [, ...rest] = point.parts;
  const name = rest.at(-1) ?? '';
  const matchesId = wildcardMatcher(rest.length === 2 ? `bpf:${rest[0]}` : '*');
  const matchesName = wildcardMatcher(name);
  const programs = checker.facts.bpfPrograms?.() ?? [];
  const found = programs.filter(({ type, module }) => matchesName(type.name) && matchesId(module));
  // What the program calls its argument is not what the kernel gives it: an XDP program's context, for one.
  const sites = found.map((program) => trampolineSite(point, provider, program.type.name, program, false));
  if (sites.length > 0) return sites;
  return missingProbe(
    checker,
    `No BPF program found: ${rest.join(':')}`,
    point.span,
    programs.length === 0
      ? ['no program in the kernel has type information (bpftool prog), or this user may not ask']
      : didYouMean(
          name,
          programs.map(({ type }) => type.name),
        ),
  );
}

function trampolineSite(
  point: AttachPointParts,
  provider: 'fentry' | 'fexit',
  name: string,
  { type, btfId, module }: BtfFunction,
  isTrusted: boolean,
): ExpandedSite {
  return {
    site: {
      provider,
      symbol: name,
      btfId,
      module,
      argumentCount: type.parameters.length,
      name: `${provider}:${module}:${name}`,
      span: point.span,
    },
    args: () => ({
      kind: 'function',
      parameters: type.parameters,
      ...(provider === 'fexit' && { returns: type.returns }),
      isTrusted,
      description: `function ${name}`,
    }),
    argumentSpace: 'kernel',
  };
}
