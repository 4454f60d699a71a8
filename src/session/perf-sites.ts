/**
 * Which perf events a site needs: one for the whole system, one per CPU, or one per thread of the process asked for.
 * A table by provider; opening them is `attachments.ts`.
 */

import { readdirSync } from 'node:fs';
import { cString } from '../../native/links.ts';
import {
  PERF_COUNT_SW_CPU_CLOCK,
  PERF_TYPES,
  type PerfEventOptions,
  pmuType,
  returnProbeBit,
} from '../../native/perf.ts';
import type { AttachSite, Period } from '../semantics/program.ts';

export interface PerfScope {
  /** Watch only this process (`-p`), where the provider can. */
  readonly pid?: number;
  readonly onlineCpus: readonly number[];
}

type Provider = AttachSite['provider'];
/** The member of the union whose providers include `P`. */
type SiteOf<P extends Provider, S = AttachSite> = S extends { readonly provider: infer Q }
  ? P extends Q
    ? S
    : never
  : never;
type Event = Omit<PerfEventOptions, 'pid' | 'cpu'>;
type Placement = Pick<PerfEventOptions, 'pid' | 'cpu' | 'isInherited'>;

interface PerfProvider<S extends AttachSite> {
  readonly event: (site: S) => Event;
  readonly placements: (site: S, scope: PerfScope) => readonly Placement[];
}

/** A tracing event runs its programs on all CPUs, whichever it was opened for. */
const everywhere = (_: AttachSite, scope: PerfScope): readonly Placement[] => [
  { pid: -1, cpu: scope.onlineCpus[0] ?? 0 },
];

const onEachCpu = (scope: PerfScope): readonly Placement[] => scope.onlineCpus.map((cpu) => ({ pid: -1, cpu }));

/** Children and new threads inherit the event; those that are there need one each. */
const onEachThread = (pid: number): readonly Placement[] =>
  threadsOf(pid).map((thread) => ({ pid: thread, cpu: -1, isInherited: true }));

const onCpusOrThreads = (_: AttachSite, scope: PerfScope): readonly Placement[] =>
  scope.pid === undefined ? onEachCpu(scope) : onEachThread(scope.pid);

const inFile = (site: { readonly pid?: number }, scope: PerfScope): readonly Placement[] => {
  const pid = site.pid ?? scope.pid;
  return pid === undefined ? [{ pid: -1, cpu: scope.onlineCpus[0] ?? 0 }] : [{ pid, cpu: -1 }];
};

const inFileOf = (isReturn: boolean): PerfProvider<SiteOf<'uprobe' | 'usdt'>> => ({
  event: (site) => ({
    type: requiredPmu('uprobe'),
    // format/ref_ctr_offset of the PMU: config:32-63
    config: (isReturn ? returnProbeBit('uprobe') : 0n) | ('semaphoreOffset' in site ? site.semaphoreOffset << 32n : 0n),
    config1: cString(site.path),
    config2: site.fileOffset,
  }),
  placements: inFile,
});

const inKernel = (isReturn: boolean): PerfProvider<SiteOf<'kprobe'>> => ({
  event: (site) => ({
    type: requiredPmu('kprobe'),
    config: isReturn ? returnProbeBit('kprobe') : 0n,
    ...(site.address === undefined
      ? {
          config1: cString(site.module === undefined ? site.symbol : `${site.module}:${site.symbol}`),
          config2: site.offset,
        }
      : { config2: site.address }),
  }),
  placements: everywhere,
});

const counter = (type: number): PerfProvider<SiteOf<'software'>> => ({
  event: (site) => ({ type, config: site.event, period: site.count }),
  placements: onCpusOrThreads,
});

const PROVIDERS: { readonly [P in Provider]?: PerfProvider<SiteOf<P>> } = {
  tracepoint: {
    event: (site) => {
      // Described by BTF alone, the event has no number to open it by.
      if (site.tracefsId === 0) throw new Error('the number of this event is to be had from tracefs only');
      return { type: PERF_TYPES.tracepoint, config: site.tracefsId, period: 1 };
    },
    placements: everywhere,
  },
  interval: { event: (site) => clock(intervalOf(site.period)), placements: everywhere },
  profile: { event: (site) => clock(site.period), placements: onCpusOrThreads },
  software: counter(PERF_TYPES.software),
  hardware: counter(PERF_TYPES.hardware),
  watchpoint: {
    event: (site) => ({
      type: PERF_TYPES.breakpoint,
      period: 1,
      breakpointType: breakpointType(site.mode),
      config1: site.address,
      // Breakpoints on instructions are as long as a word (arch/x86/kernel/hw_breakpoint.c).
      config2: BigInt(site.mode === 'x' ? 8 : site.length),
    }),
    placements: (site, scope) => {
      const pid = site.pid ?? scope.pid;
      return pid === undefined ? onEachCpu(scope) : onEachThread(pid);
    },
  },
  uprobe: inFileOf(false),
  uretprobe: inFileOf(true),
  usdt: inFileOf(false),
  kprobe: inKernel(false),
  kretprobe: inKernel(true),
};

/** perfEventsOf lists the events to open for a site. */
export function perfEventsOf(site: AttachSite, scope: PerfScope): readonly PerfEventOptions[] {
  const provider = PROVIDERS[site.provider] as PerfProvider<AttachSite> | undefined;
  if (!provider) throw new Error(`${site.name} has no perf event`);
  const event = provider.event(site);
  return provider.placements(site, scope).map((placement) => ({ ...event, ...placement }));
}

function clock(period: Period): Event {
  const event = { type: PERF_TYPES.software, config: PERF_COUNT_SW_CPU_CLOCK };
  return period.kind === 'time' ? { ...event, period: period.ns } : { ...event, period: period.hz, isFrequency: true };
}

/** An interval counts time exactly; a frequency would let the kernel adapt the period. */
function intervalOf(period: Period): Period {
  return period.kind === 'time' ? period : { kind: 'time', ns: BigInt(Math.floor(1e9 / period.hz)) };
}

/** HW_BREAKPOINT_R, _W and _X */
function breakpointType(mode: string): number {
  const bits: Record<string, number> = { r: 1, w: 2, x: 4 };
  return [...mode].reduce((type, letter) => type | (bits[letter] ?? 0), 0);
}

function requiredPmu(name: 'uprobe' | 'kprobe'): number {
  const type = pmuType(name);
  if (type === undefined) throw new Error(`this kernel has no ${name}s`);
  return type;
}

function threadsOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [pid];
  }
}
