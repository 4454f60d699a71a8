/** Services without a kernel: maps are made up from the time, so that frames are the same in every run. */

import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import type { Action } from '../../../src/semantics/program.ts';
import type { Type } from '../../../src/semantics/types.ts';
import type { MapSnapshot, SessionEvent, Snapshot, Value } from '../../../src/session/snapshot.ts';
import type { Completion, OpenRequest, OpenResult, PanelSource, Services } from '../../../tui/sources/services.ts';

const STRING: Type = { kind: 'string', capacity: 16 };
const PID: Type = { kind: 'integer', bits: 32, isSigned: true };
export const COMM_PID: Type = { kind: 'tuple', elements: [STRING, PID] };

export function countMap(name: string, tick: number, names: readonly string[] = NAMES): MapSnapshot {
  return {
    name,
    keyType: COMM_PID,
    valueType: { kind: 'count' },
    entries: names.map((comm, index) => ({
      key: [comm, 1000 + index * 37] as Value,
      value: Math.round((tick + 1) * (5000 / (index + 1)) + Math.sin(tick + index) * 300 + 400),
    })),
    maxEntries: 4096,
    refusedUpdates: 0,
  };
}

export function histMap(name: string, tick: number): MapSnapshot {
  const counts = [0, 4, 19, 60, 130, 240, 170, 66, 21, 9, 3, 1].map((count) => count * (tick + 1));
  return {
    name,
    valueType: { kind: 'hist', bits: 0 },
    entries: [{ value: { kind: 'histogram', first: 1, counts, total: counts.reduce((a, b) => a + b, 0) } }],
    maxEntries: 1,
    refusedUpdates: 0,
  };
}

export function scalarMap(name: string, tick: number): MapSnapshot {
  return {
    name,
    valueType: { kind: 'count' },
    entries: [{ value: Math.round(tick * 1000 + 400 * Math.sin(tick / 3) + 400) }],
    maxEntries: 1,
    refusedUpdates: 0,
  };
}

export const NAMES = [
  'postgres',
  'node',
  'redis-server',
  'nginx',
  'systemd-journal',
  'sshd',
  'cron',
  'bash',
  'kworker/0:1',
];

/** Maps of a script, chosen by what its text mentions. */
function printedLine(text: string): SessionEvent {
  const action = { kind: 'printf' } as Action;
  return { action, args: [text] };
}

export type MapMaker = (request: OpenRequest, tick: number) => readonly MapSnapshot[];

const defaultMaps: MapMaker = (request, tick) => {
  if (request.text.includes('hist(')) return [histMap(/@\w*/.exec(request.text)?.[0] ?? '@', tick)];
  if (request.text.includes('@total')) return [scalarMap('@total', tick)];
  return [countMap(/(@\w*)\[/.exec(request.text)?.[1] ?? '@', tick)];
};

export class FakeClock {
  timeMs = Date.UTC(2026, 10, 22, 15, 0, 0);
}

export interface FakeOptions {
  readonly clock: FakeClock;
  readonly maps?: MapMaker;
  readonly diagnostics?: (text: string) => readonly Diagnostic[];
  readonly completions?: readonly Completion[];
  readonly opened?: OpenRequest[];
  /** What a panel prints in a second. */
  readonly lines?: (request: OpenRequest, tick: number) => readonly string[];
  /** Names that a panel's last snapshot lacked. */
  readonly missingNames?: (request: OpenRequest) => Promise<void> | undefined;
}

export function fakeServices(options: FakeOptions): Services & { readonly events: SessionEvent[] } {
  const events: SessionEvent[] = [];
  const { clock } = options;
  return {
    mode: 'live',
    events,
    async open(request): Promise<OpenResult> {
      options.opened?.push(request);
      const diagnostics = options.diagnostics?.(request.text) ?? [];
      if (diagnostics.length > 0) return { diagnostics };
      const start = clock.timeMs;
      const ticks = () => Math.round((clock.timeMs - start) / 1000);
      let printed = 0;
      const source: PanelSource = {
        async start() {
          return { probes: 1, warnings: [] };
        },
        snapshot(): Snapshot {
          const tick = ticks();
          return {
            timeMs: clock.timeMs,
            elapsedMs: clock.timeMs - start,
            maps: (options.maps ?? defaultMaps)(request, tick),
            lostEvents: 0,
            probes: [
              { name: 'tracepoint:raw_syscalls:sys_enter', sites: 1, runs: tick * 12000, timeNs: tick * 2_400_000 },
            ],
          };
        },
        missingNames: () => options.missingNames?.(request),
        poll: () => {
          const fresh: SessionEvent[] = [];
          for (const now = ticks(); printed < now; printed++)
            for (const line of options.lines?.(request, printed) ?? []) fresh.push(printedLine(line));
          return [...events.splice(0), ...fresh];
        },
        format: ({ action, args }) =>
          action.kind === 'printf' ? { text: `${String(args[0])}\n`, isError: false } : undefined,
        clear() {},
        zero() {},
        async close() {},
      };
      return { source, warnings: [] };
    },
    check: (text) => options.diagnostics?.(text) ?? [],
    complete: () => options.completions ?? [],
  };
}
