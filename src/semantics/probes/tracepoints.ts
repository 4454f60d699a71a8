/**
 * Attach points that the kernel's static trace events and iterators serve: tracepoint, rawtracepoint, iter.
 */

import { didYouMean } from '../../diagnostics/nearest.ts';
import type { TracepointFormat } from '../../kernel/facts.ts';
import { tracepointSyscallNumber } from '../../kernel/syscalls.ts';
import { hasWildcard, wildcardMatcher } from '../../text/wildcard.ts';
import type { Checker } from '../checker.ts';
import { type AttachPointParts, type ExpandedSite, missingProbe, type SiteDescription } from './expand.ts';
import type { ProbeArguments } from './probe-context.ts';

/** expandTracepoint resolves `tracepoint:category:event`; an event alone is looked for in all categories. */
export function expandTracepoint(checker: Checker, point: AttachPointParts): readonly ExpandedSite[] {
  const facts = checker.facts.tracepoints;
  const [category, event] =
    point.parts.length === 1 ? ['*', point.parts[0] ?? ''] : [point.parts[0] ?? '', point.parts[1] ?? ''];
  if (point.parts.length === 1 && !hasWildcard(event)) {
    checker.error('malformed-probe', `tracepoint probe must be of the form ${point.provider.form}`, point.span, {
      hints: categoryHints(checker, event),
    });
    return [];
  }
  const categories = hasWildcard(category) ? facts.categories().filter(wildcardMatcher(category)) : [category];
  const sites: ExpandedSite[] = [];
  for (const name of categories) {
    // What is listed is there: its format is a file of its own, read if something is asked that only it says.
    const events = hasWildcard(event)
      ? facts.events(name).filter(wildcardMatcher(event))
      : facts.format(name, event) === undefined
        ? []
        : [event];
    for (const each of events) sites.push(tracepointSite(checker, point, name, each));
  }
  if (sites.length > 0) return sites;
  return missingProbe(checker, `tracepoint not found: ${category}:${event}`, point.span, [
    ...nearTracepoint(checker, category, event),
    ...checker.facts.problems(),
  ]);
}

function tracepointSite(checker: Checker, point: AttachPointParts, category: string, event: string): ExpandedSite {
  const { types } = checker.facts;
  const format = () => checker.facts.tracepoints.format(category, event);
  const syscall = syscallKind(category, event);
  const rawEvent = category === 'syscalls' && syscall !== undefined ? `sys_${syscall}` : event;
  const number = category === 'syscalls' ? tracepointSyscallNumber(checker.facts.architecture, event) : undefined;
  const site: SiteDescription = {
    provider: 'tracepoint',
    category,
    event,
    get tracefsId() {
      return format()?.id ?? 0;
    },
    // Only a program that is to run wants to know: a check of many scripts never opens BTF.
    get rawBtfId() {
      return types.isAvailable ? types.rawTracepoint(rawEvent)?.btfId : undefined;
    },
    ...(number !== undefined && { syscallNumber: number }),
    name: `tracepoint:${category}:${event}`,
    span: point.span,
  };
  return {
    site,
    args: () => tracepointArguments(category, event, format()),
    argumentSpace: category === 'syscalls' ? 'user' : 'kernel',
  };
}

function syscallKind(category: string, event: string): 'enter' | 'exit' | undefined {
  if (category !== 'syscalls' && category !== 'raw_syscalls') return undefined;
  if (event === 'sys_enter' || event.startsWith('sys_enter_')) return 'enter';
  return event === 'sys_exit' || event.startsWith('sys_exit_') ? 'exit' : undefined;
}

function tracepointArguments(category: string, event: string, format: TracepointFormat | undefined): ProbeArguments {
  const syscall = syscallKind(category, event);
  return {
    kind: 'tracepoint',
    category,
    event,
    fields: format?.fields ?? [],
    ...(syscall && { syscall }),
    isRawSyscall: category === 'raw_syscalls',
  };
}

function categoryHints(checker: Checker, event: string): readonly string[] {
  const facts = checker.facts.tracepoints;
  const found = facts.categories().filter((category) => facts.events(category).includes(event));
  return found.map((category) => `did you mean 'tracepoint:${category}:${event}'?`);
}

function nearTracepoint(checker: Checker, category: string, event: string): readonly string[] {
  const facts = checker.facts.tracepoints;
  const categories = facts.categories();
  if (!categories.includes(category)) {
    const elsewhere = categoryHints(checker, event);
    return elsewhere.length > 0 ? elsewhere : didYouMean(category, categories);
  }
  const events = facts.events(category);
  const entry = event.replace(/^(?:sys_)?/, 'sys_enter_');
  if (category === 'syscalls' && events.includes(entry)) return [`did you mean '${entry}'?`];
  return didYouMean(event, events);
}

/** expandRawTracepoint resolves `rawtracepoint:[module:]event` by the kernel's BTF. */
export function expandRawTracepoint(checker: Checker, point: AttachPointParts): readonly ExpandedSite[] {
  const types = checker.facts.types;
  const event = point.parts.at(-1) ?? '';
  const module = point.parts.length === 2 ? point.parts[0] : undefined;
  const inModule = wildcardMatcher(module ?? '*');
  const events = hasWildcard(event) ? types.rawTracepointNames().filter(wildcardMatcher(event)) : [event];
  const sites: ExpandedSite[] = [];
  for (const each of events) {
    const found = types.rawTracepoint(each);
    if (found === undefined || !inModule(found.module)) continue;
    sites.push({
      site: {
        provider: 'rawtracepoint',
        event: each,
        btfId: found.btfId,
        module: found.module,
        name: `rawtracepoint:${found.module}:${each}`,
        span: point.span,
      },
      args: () => ({
        kind: 'function',
        parameters: found.type.parameters,
        isTrusted: true,
        description: `rawtracepoint ${each}`,
      }),
      argumentSpace: 'kernel',
    });
  }
  if (sites.length > 0) return sites;
  return missingProbe(checker, `rawtracepoint not found: ${point.parts.join(':')}`, point.span, [
    ...didYouMean(event, types.rawTracepointNames()),
    ...checker.facts.problems(),
  ]);
}

/** expandIterator resolves `iter:task` and `iter:task:pin`. */
export function expandIterator(checker: Checker, point: AttachPointParts): readonly ExpandedSite[] {
  const [name = '', pin] = point.parts;
  const types = checker.facts.types;
  const found = types.iterator(name);
  if (found === undefined) {
    return missingProbe(checker, `iter probe not found: ${name}`, point.span, [
      ...didYouMean(name, types.iteratorNames()),
      ...checker.facts.problems(),
    ]);
  }
  return [
    {
      site: {
        provider: 'iter',
        iterator: name,
        btfId: found.btfId,
        ...(pin !== undefined && { pin }),
        name: `iter:${name}`,
        span: point.span,
      },
      args: () => ({ kind: 'iterator', name }),
      argumentSpace: 'kernel',
    },
  ];
}
