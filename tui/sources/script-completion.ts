/**
 * What can stand at the cursor of a script being typed: providers, probes, the arguments of the probe at hand, builtins,
 * functions, and the maps and variables that the text already has. Works on the text around the cursor, since a script
 * that is being typed rarely parses.
 */

import type { KernelFacts } from '../../src/kernel/facts.ts';
import { BUILTIN_DOCS, type DocRow } from '../../src/language/docs.ts';
import { FUNCTION_DOCS } from '../../src/language/docs-functions.ts';
import { providerNamed } from '../../src/language/providers.ts';
import { fuzzySearch } from '../models/fuzzy.ts';
import type { Completion } from './services.ts';

export type CompletionFacts = Pick<KernelFacts, 'tracepoints' | 'types' | 'functions'>;

/** Providers worth offering, by their full names. */
const PROVIDERS: readonly (readonly [string, string])[] = [
  ['tracepoint:', 'a static event of the kernel'],
  ['profile:hz:', 'sample every CPU so many times a second'],
  ['interval:s:', 'run on one CPU every so many seconds'],
  ['software:', 'page faults, context switches and the like'],
  ['hardware:', 'cycles, cache misses and the like'],
  ['kprobe:', 'the start of a kernel function'],
  ['kretprobe:', 'the return of a kernel function'],
  ['fentry:', 'the start of a kernel function, with typed arguments'],
  ['fexit:', 'the return of a kernel function, with typed arguments'],
  ['rawtracepoint:', 'a static event with its raw arguments'],
  ['uprobe:', 'the start of a function of a program or library'],
  ['uretprobe:', 'the return of a function of a program or library'],
  ['usdt:', 'a marker in a program or library'],
  ['BEGIN', 'when tracing begins'],
  ['END', 'when tracing ends'],
];

const SOFTWARE_EVENTS = [
  'alignment-faults',
  'bpf-output',
  'context-switches',
  'cpu-clock',
  'cpu-migrations',
  'emulation-faults',
  'faults',
  'major-faults',
  'minor-faults',
  'page-faults',
  'task-clock',
];
const HARDWARE_EVENTS = [
  'backend-stalls',
  'branch-instructions',
  'branch-misses',
  'bus-cycles',
  'cache-misses',
  'cache-references',
  'cpu-cycles',
  'frontend-stalls',
  'instructions',
  'ref-cycles',
];

/** More would not be read; the search has put the best first. */
const LIMIT = 40;

/** completeScript lists what fits at the cursor, best first. */
export function completeScript(text: string, cursor: number, facts: CompletionFacts): readonly Completion[] {
  const head = text.slice(0, cursor);
  const probe = enclosingProbe(head);
  return probe === undefined ? completeProbe(head, facts) : completeBody(head, text, probe, facts);
}

/** The attach points of the body that the cursor is in; undefined outside of bodies and predicates. */
function enclosingProbe(head: string): string | undefined {
  let depth = 0;
  for (let at = head.length - 1; at >= 0; at--) {
    if (head[at] === '}') depth++;
    if (head[at] === '{') {
      if (depth === 0) return probesBefore(head.slice(0, at).replace(/\/[^/{}]*\/\s*$/, ''));
      depth--;
    }
  }
  const predicate = /(?:^|\})\s*([^{}]*?[\s\w*])\/[^/{}]*$/.exec(head);
  // A slash after a path's provider is part of the path.
  return predicate !== null && !/^(?:u|ur|usdt|uprobe|uretprobe|U)\w*:/.test(predicate[1]?.trim() ?? '')
    ? predicate[1]?.trim()
    : undefined;
}

function probesBefore(head: string): string {
  return /[^{}]*$/.exec(head)?.[0].trim() ?? '';
}

function completeProbe(head: string, facts: CompletionFacts): readonly Completion[] {
  const typed = /[^\s,{}]*$/.exec(head)?.[0] ?? '';
  const start = head.length - typed.length;
  const parts = typed.split(':');
  const last = parts.at(-1) ?? '';
  const at = head.length - last.length;
  const found = (texts: readonly string[], detail: (text: string) => string) =>
    fuzzySearch(last, texts, (name) => [name])
      .slice(0, LIMIT)
      .map((name): Completion => ({ text: name, start: at, detail: detail(name), kind: 'probe' }));
  if (parts.length === 1)
    return fuzzySearch(typed, PROVIDERS, ([name]) => [name]).map(
      ([name, detail]): Completion => ({ text: name, start, detail, kind: 'keyword' }),
    );
  const provider = providerNamed(parts[0] ?? '');
  if (provider === 'tracepoint' && parts.length === 2)
    return found(
      facts.tracepoints.categories().map((category) => `${category}:`),
      (category) => `${facts.tracepoints.events(category.slice(0, -1)).length} events`,
    );
  if (provider === 'tracepoint' && parts.length === 3) {
    const category = parts[1] ?? '';
    return found(facts.tracepoints.events(category), (event) => argumentsOf(category, event, facts));
  }
  if (parts.length !== 2) return [];
  switch (provider) {
    case 'software':
      return found(
        SOFTWARE_EVENTS.map((event) => `${event}:1`),
        () => 'software event',
      );
    case 'hardware':
      return found(
        HARDWARE_EVENTS.map((event) => `${event}:1000000`),
        () => 'hardware event',
      );
    case 'rawtracepoint':
      return found(facts.types.rawTracepointNames(), () => 'raw tracepoint');
    case 'kprobe':
    case 'kretprobe':
    case 'fentry':
    case 'fexit':
      // Tens of thousands of functions: only once there is something to search for.
      return last.length < 2
        ? []
        : found(
            facts.functions.list().map(({ name }) => name),
            () => 'kernel function',
          );
    default:
      return [];
  }
}

function argumentsOf(category: string, event: string, facts: CompletionFacts): string {
  const fields = facts.tracepoints.format(category, event)?.fields ?? [];
  return fields.map((field) => field.name).join(', ');
}

function completeBody(head: string, text: string, probe: string, facts: CompletionFacts): readonly Completion[] {
  const member = /\bargs(?:\.|->)(\w*)$/.exec(head);
  if (member !== null) return completeArguments(member[1] ?? '', head.length, probe, facts);
  const typed = /[@$]?\w*$/.exec(head)?.[0] ?? '';
  const start = head.length - typed.length;
  if (typed === '') return [];
  if (typed[0] === '@' || typed[0] === '$') {
    const kind = typed[0] === '@' ? 'map' : 'variable';
    const names = [...new Set(text.match(typed[0] === '@' ? /@\w*/g : /\$\w+/g) ?? [])].filter(
      (name) => name !== typed,
    );
    return names
      .filter((name) => name.startsWith(typed))
      .map((name): Completion => ({ text: name, start, detail: `${kind} of this script`, kind }));
  }
  const rows: readonly (readonly [DocRow, Completion['kind']])[] = [
    ...BUILTIN_DOCS.map((doc) => [doc, 'builtin'] as const),
    ...FUNCTION_DOCS.map((doc) => [doc, 'function'] as const),
  ];
  return rows
    .filter(([doc]) => doc.name.startsWith(typed) && doc.name !== typed)
    .slice(0, LIMIT)
    .map(
      ([doc, kind]): Completion => ({
        text: kind === 'function' ? `${doc.name}(` : doc.name,
        start,
        detail: `${doc.signature} · ${doc.summary}`,
        kind,
      }),
    );
}

function completeArguments(typed: string, end: number, probe: string, facts: CompletionFacts): readonly Completion[] {
  const [provider, category = '', event = ''] = (probe.split(',').at(-1) ?? '').trim().split(':');
  if (providerNamed(provider ?? '') !== 'tracepoint') return [];
  // A wildcard's first event stands for all.
  const first = event.includes('*')
    ? facts.tracepoints.events(category).find((name) => name.startsWith(event.slice(0, event.indexOf('*'))))
    : event;
  const fields = facts.tracepoints.format(category, first ?? event)?.fields ?? [];
  return fields
    .filter((field) => field.name.startsWith(typed))
    .map(
      (field): Completion => ({
        text: field.name,
        start: end - typed.length,
        detail: field.declaration,
        kind: 'argument',
      }),
    );
}
