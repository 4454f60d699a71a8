/** Candidates for an attach point: providers, then what each provider can probe, part by part. */

import type { KernelFacts } from '../kernel/facts.ts';
import { PROVIDERS, type ProviderName, providerNamed } from '../language/providers.ts';
import { HARDWARE_EVENTS, type PerfEventRow, SOFTWARE_EVENTS } from '../semantics/probes/perf-events.ts';
import { type Candidate, type Candidates, matchingNames } from './candidate.ts';
import { indexOf } from './name-index.ts';

/** completeAttachPoint completes the last part of what is written. */
export function completeAttachPoint(written: string, facts: KernelFacts): Candidates {
  const parts = written.split(':');
  const prefix = parts.at(-1) ?? '';
  if (parts.length === 1) return { prefix, candidates: providersFor(prefix) };
  const provider = providerNamed(parts[0] ?? '');
  const rule = provider === undefined ? undefined : PARTS[provider];
  return { prefix, candidates: rule?.({ parts, prefix, facts }) ?? [] };
}

/** Before the number of a timer stands its unit; this is the one that people mean. */
const USUAL_UNIT: { readonly [P in ProviderName]?: string } = { profile: 'hz:', interval: 's:' };

const PROVIDER_CANDIDATES: readonly Candidate[] = PROVIDERS.map((row) => {
  const usual = USUAL_UNIT[row.name];
  const isWhole = row.parts.every((count) => count === 0);
  return {
    text: isWhole ? row.name : `${row.name}:${usual ?? ''}`,
    kind: 'probe',
    type: row.form,
    detail: row.doc,
  };
});

/** A short name such as `t` means one of those that begin with it. */
function providersFor(written: string): readonly Candidate[] {
  const meant = PROVIDERS.findIndex((row) => (row.aliases as readonly string[]).includes(written));
  const first = PROVIDER_CANDIDATES[meant];
  return first === undefined ? PROVIDER_CANDIDATES : [first, ...PROVIDER_CANDIDATES];
}

interface Written {
  readonly parts: readonly string[];
  readonly prefix: string;
  readonly facts: KernelFacts;
}

type PartRule = (written: Written) => readonly Candidate[];

const probe =
  (type: string, detail: string) =>
  (text: string): Candidate => ({ text, kind: 'probe', type, detail });

const UNITS: readonly Candidate[] = [
  probe('', 'times per second')('hz:'),
  probe('', 'seconds')('s:'),
  probe('', 'milliseconds')('ms:'),
  probe('', 'microseconds')('us:'),
];

/** Rates that are asked for most: 99 does not beat in time with what happens every hundredth of a second. */
const USUAL_NUMBERS: Readonly<Record<string, readonly string[]>> = {
  hz: ['99', '49', '999'],
  s: ['1', '5', '10'],
  ms: ['100', '10'],
  us: ['1000'],
};

const timer: PartRule = ({ parts }) => {
  if (parts.length === 2) return UNITS;
  const unit = parts[1] ?? '';
  return parts.length === 3 ? (USUAL_NUMBERS[unit] ?? []).map(probe('', unit === 'hz' ? 'per second' : unit)) : [];
};

const tracepoint: PartRule = ({ parts, prefix, facts }) => {
  const { tracepoints } = facts;
  const [, category = ''] = parts;
  if (parts.length === 2) return tracepoints.categories().map((name) => probe('', 'tracepoints')(`${name}:`));
  if (parts.length > 3) return [];
  return matchingNames(prefix, tracepoints.events(category)).map((event, index) =>
    probe(index < MOST_FORMATS ? argumentNames(category, event, facts) : '', 'tracepoint')(event),
  );
};

/** Each format is a file of its own, and nobody reads on for long. */
const MOST_FORMATS = 30;

function argumentNames(category: string, event: string, { tracepoints }: KernelFacts): string {
  return (tracepoints.format(category, event)?.fields ?? [])
    .map((field) => field.name)
    .filter((name) => name !== '__syscall_nr')
    .join(', ');
}

/** Tens of thousands of names: only once there is something to search for. */
const SHORTEST_FUNCTION = 2;

const kernelFunction: PartRule = ({ parts, prefix, facts }) => {
  if (parts.length > 3 || prefix.length < SHORTEST_FUNCTION) return [];
  const all = facts.functions.list();
  if (parts.length === 2)
    return indexOf(all, (each) => each.name)
      .search(prefix)
      .map(probe('', 'kernel function'));
  const module = parts[1] ?? '';
  const own = all.filter((each) => each.module === module).map((each) => each.name);
  return matchingNames(prefix, own).map(probe(module, 'kernel function'));
};

const perfEvent =
  (table: readonly PerfEventRow[], detail: string): PartRule =>
  ({ parts }) => {
    if (parts.length === 2)
      return table.flatMap(({ names, defaultCount }) =>
        names.map((name) => probe(`every ${defaultCount}`, detail)(`${name}:${defaultCount}`)),
      );
    const row = table.find(({ names }) => names.includes(parts[1] ?? ''));
    return parts.length === 3 && row ? [probe('', 'the usual count')(String(row.defaultCount))] : [];
  };

const names =
  (list: (facts: KernelFacts) => readonly string[], detail: string): PartRule =>
  ({ parts, prefix, facts }) =>
    parts.length === 2 ? matchingNames(prefix, list(facts)).map(probe('', detail)) : [];

/** Paths first, then what is in the file. */
const userProbe =
  (inFile: (path: string, written: Written) => readonly Candidate[]): PartRule =>
  (written) => {
    const { parts, prefix, facts } = written;
    const [, target = ''] = parts;
    if (parts.length === 2)
      return facts.binaries
        .targets(prefix)
        .map((name) => (name.endsWith('/') ? probe('', 'directory')(name) : probe('', 'binary')(`${name}:`)));
    const [path] = facts.binaries.resolve(target);
    return path === undefined ? [] : inFile(path, written);
  };

const userFunction = userProbe((path, { parts, prefix, facts }) =>
  parts.length !== 3
    ? []
    : indexOf(facts.binaries.symbols(path), (symbol) => (symbol.isFunction ? symbol.name : ''))
        .search(prefix)
        .map(probe('', 'function')),
);

const marker = userProbe((path, { parts, facts }) => {
  const all = facts.binaries.usdt(path);
  if (parts.length === 3) return all.map((each) => probe('', 'marker')(`${each.provider}:${each.name}`));
  const own = all.filter((each) => each.provider === parts[2]);
  return parts.length === 4 ? own.map((each) => probe('', 'marker')(each.name)) : [];
});

const PARTS: { readonly [P in ProviderName]?: PartRule } = {
  tracepoint,
  kprobe: kernelFunction,
  kretprobe: kernelFunction,
  fentry: kernelFunction,
  fexit: kernelFunction,
  rawtracepoint: names((facts) => facts.types.rawTracepointNames(), 'raw tracepoint'),
  iter: names((facts) => facts.types.iteratorNames(), 'iterator'),
  software: perfEvent(SOFTWARE_EVENTS, 'software event'),
  hardware: perfEvent(HARDWARE_EVENTS, 'hardware event'),
  profile: timer,
  interval: timer,
  self: ({ parts }) => (parts.length === 2 ? [probe('', 'a signal to the tracer')('signal:SIGUSR1')] : []),
  watchpoint: ({ parts }) => {
    if (parts.length === 3) return ['8:', '4:', '2:', '1:'].map(probe('', 'bytes'));
    return parts.length === 4 ? ['w', 'rw', 'x'].map(probe('', 'access')) : [];
  },
  uprobe: userFunction,
  uretprobe: userFunction,
  usdt: marker,
};
