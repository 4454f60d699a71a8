/** Candidates for an attach point: providers, then what each provider can probe, part by part. */

import type { KernelFacts } from '../kernel/facts.ts';
import { providerNamed } from '../language/providers.ts';
import { PROVIDERS } from '../semantics/probes/providers.ts';
import type { Candidate } from './code.ts';

export interface Candidates {
  /** What is written of the candidate already. */
  readonly prefix: string;
  readonly candidates: readonly Candidate[];
}

/** completeAttachPoint completes the last part of what is written. */
export function completeAttachPoint(written: string, facts: KernelFacts): Candidates {
  const parts = written.split(':');
  const prefix = parts.at(-1) ?? '';
  if (parts.length === 1) return { prefix, candidates: providers() };
  const provider = providerNamed(parts[0] ?? '');
  return { prefix, candidates: provider === undefined ? [] : (PARTS.get(provider)?.(parts, facts) ?? []) };
}

function providers(): Candidate[] {
  return PROVIDERS.map((row) => ({
    text: row.parts.every((count) => count === 0) ? row.name : `${row.name}:`,
    kind: 'probe',
    type: row.form,
    detail: row.doc,
  }));
}

type PartRule = (parts: readonly string[], facts: KernelFacts) => readonly Candidate[];

const probe =
  (type: string, detail: string) =>
  (text: string): Candidate => ({ text, kind: 'probe', type, detail });

const UNITS: readonly Candidate[] = [
  probe('unit', 'times per second')('hz:'),
  probe('unit', 'seconds')('s:'),
  probe('unit', 'milliseconds')('ms:'),
  probe('unit', 'microseconds')('us:'),
];

const SOFTWARE_EVENTS: readonly string[] = [
  'page-faults',
  'major-faults',
  'minor-faults',
  'context-switches',
  'cpu-clock',
  'cpu-migrations',
  'task-clock',
  'alignment-faults',
  'emulation-faults',
  'bpf-output',
  'dummy',
  'faults',
  'cs',
  'cpu',
];

const HARDWARE_EVENTS: readonly string[] = [
  'cpu-cycles',
  'cycles',
  'instructions',
  'cache-references',
  'cache-misses',
  'branch-instructions',
  'branches',
  'branch-misses',
  'bus-cycles',
  'ref-cycles',
  'frontend-stalls',
  'backend-stalls',
];

const kernelFunctions: PartRule = (parts, facts) =>
  parts.length > 2
    ? []
    : facts.functions
        .list()
        .map(({ name, module }) => ({ text: name, kind: 'probe', type: module, detail: 'kernel function' }));

const units: PartRule = (parts) => (parts.length === 2 ? UNITS : []);

const PARTS: ReadonlyMap<string, PartRule> = new Map<string, PartRule>([
  [
    'tracepoint',
    (parts, facts) => {
      const [, category = ''] = parts;
      if (parts.length === 2)
        return facts.tracepoints.categories().map((name) => probe('category', 'tracepoints')(`${name}:`));
      return parts.length === 3
        ? facts.tracepoints.events(category).map(probe(`tracepoint:${category}`, 'tracepoint'))
        : [];
    },
  ],
  ['kprobe', kernelFunctions],
  ['kretprobe', kernelFunctions],
  ['fentry', kernelFunctions],
  ['fexit', kernelFunctions],
  [
    'rawtracepoint',
    (parts, facts) =>
      parts.length === 2 ? facts.types.rawTracepointNames().map(probe('rawtracepoint', 'raw tracepoint')) : [],
  ],
  ['iter', (parts, facts) => (parts.length === 2 ? facts.types.iteratorNames().map(probe('iter', 'iterator')) : [])],
  ['software', (parts) => (parts.length === 2 ? SOFTWARE_EVENTS.map(probe('software', 'software event')) : [])],
  ['hardware', (parts) => (parts.length === 2 ? HARDWARE_EVENTS.map(probe('hardware', 'hardware event')) : [])],
  ['profile', units],
  ['interval', units],
  ['self', (parts) => (parts.length === 2 ? [probe('self', 'a signal to the tracer')('signal:SIGUSR1')] : [])],
  ['uprobe', userFunctions],
  ['uretprobe', userFunctions],
  ['usdt', userMarkers],
]);

function userFunctions(parts: readonly string[], facts: KernelFacts): readonly Candidate[] {
  const [, target = ''] = parts;
  if (parts.length !== 3) return [];
  return facts.binaries
    .resolve(target)
    .slice(0, 1)
    .flatMap((path) => facts.binaries.symbols(path))
    .filter((symbol) => symbol.isFunction)
    .map((symbol) => probe(target, 'function')(symbol.name));
}

function userMarkers(parts: readonly string[], facts: KernelFacts): readonly Candidate[] {
  const [, target = ''] = parts;
  if (parts.length !== 3) return [];
  return facts.binaries
    .resolve(target)
    .slice(0, 1)
    .flatMap((path) => facts.binaries.usdt(path))
    .map((marker) => probe(target, 'marker')(`${marker.provider}:${marker.name}`));
}
