/** The events that `software:` and `hardware:` probes name. */

export interface PerfEventRow {
  readonly names: readonly string[];
  readonly event: number;
  readonly defaultCount: bigint;
}

/** SOFTWARE_EVENTS: `PERF_COUNT_SW_*` of include/uapi/linux/perf_event.h, default counts of language.md §11. */
export const SOFTWARE_EVENTS: readonly PerfEventRow[] = [
  { names: ['cpu-clock', 'cpu'], event: 0, defaultCount: 1000000n },
  { names: ['task-clock'], event: 1, defaultCount: 1n },
  { names: ['page-faults', 'faults'], event: 2, defaultCount: 100n },
  { names: ['context-switches', 'cs'], event: 3, defaultCount: 1000n },
  { names: ['cpu-migrations'], event: 4, defaultCount: 1n },
  { names: ['minor-faults'], event: 5, defaultCount: 100n },
  { names: ['major-faults'], event: 6, defaultCount: 1n },
  { names: ['alignment-faults'], event: 7, defaultCount: 1n },
  { names: ['emulation-faults'], event: 8, defaultCount: 1n },
  { names: ['dummy'], event: 9, defaultCount: 1n },
  { names: ['bpf-output'], event: 10, defaultCount: 1n },
];

/** HARDWARE_EVENTS: `PERF_COUNT_HW_*` of the same header. */
export const HARDWARE_EVENTS: readonly PerfEventRow[] = [
  { names: ['cpu-cycles', 'cycles'], event: 0, defaultCount: 1000000n },
  { names: ['instructions'], event: 1, defaultCount: 1000000n },
  { names: ['cache-references'], event: 2, defaultCount: 1000000n },
  { names: ['cache-misses'], event: 3, defaultCount: 1000000n },
  {
    names: ['branch-instructions', 'branches'],
    event: 4,
    defaultCount: 100000n,
  },
  { names: ['branch-misses'], event: 5, defaultCount: 100000n },
  { names: ['bus-cycles'], event: 6, defaultCount: 100000n },
  { names: ['frontend-stalls'], event: 7, defaultCount: 1000000n },
  { names: ['backend-stalls'], event: 8, defaultCount: 1000000n },
  { names: ['ref-cycles'], event: 9, defaultCount: 1000000n },
];
