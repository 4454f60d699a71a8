/**
 * Opens the kernel's notices of exec, fork and mmap, one buffer per CPU, for scripts that name user code anywhere on the
 * system. Without the right to them there are none: then only processes that are seen alive have names.
 */

import {
  enablePerfEvent,
  openPerfEvent,
  PERF_COUNT_SW_DUMMY,
  PERF_SAMPLE_TIME,
  PERF_TYPES,
} from '../../native/perf.ts';
import { PerfRing } from '../../native/perf-ring.ts';
import { closeDescriptor } from '../../native/syscall.ts';
import type { BpfObject } from '../codegen/object.ts';
import type { KernelFacts } from '../kernel/facts.ts';
import { ProcessHistory } from '../symbols/process-history.ts';

/** 128 KiB per CPU take the notices of a thousand mappings between two looks. */
const PAGES = 32;
const LOOK_MS = 50;

export interface ProcessNotices {
  readonly history: ProcessHistory;
  close(): void;
}

/** openProcessNotices starts listening at once. */
export function openProcessNotices(facts: Pick<KernelFacts, 'onlineCpus' | 'pageSize'>): ProcessNotices | undefined {
  const rings: PerfRing[] = [];
  const descriptors: number[] = [];
  let timer: NodeJS.Timeout | undefined;
  const close = (): void => {
    clearInterval(timer);
    for (const ring of rings.splice(0)) ring.close();
    for (const fd of descriptors.splice(0)) closeDescriptor(fd);
  };
  try {
    for (const cpu of facts.onlineCpus) {
      const fd = openPerfEvent({
        type: PERF_TYPES.software,
        config: PERF_COUNT_SW_DUMMY,
        sampleType: PERF_SAMPLE_TIME,
        isNotice: true,
        pid: -1,
        cpu,
      });
      descriptors.push(fd);
      rings.push(new PerfRing(fd, PAGES, facts.pageSize));
      enablePerfEvent(fd);
    }
  } catch {
    close();
    return undefined;
  }
  const history = new ProcessHistory(() => rings.flatMap((ring) => ring.drain()));
  timer = setInterval(() => history.update(), LOOK_MS).unref();
  return { history, close };
}

/** namesUserCode says whether any value of the script is shown with names of user code. */
export function namesUserCode(object: BpfObject): boolean {
  return (
    object.userMaps.some(({ symbol }) => holdsUserCode(symbol.keyType) || holdsUserCode(symbol.valueType)) ||
    object.actions.some(({ action }) => 'args' in action && holdsUserCode(action.args))
  );
}

/** Types lie at most this deep in one another; beyond are the kernel's own structures. */
const MAX_DEPTH = 6;

function holdsUserCode(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.some((item) => holdsUserCode(item, depth + 1));
  const { kind, isUser, mode } = value as { kind?: unknown; isUser?: unknown; mode?: unknown };
  if (kind === 'usym') return true;
  if (kind === 'stack') return isUser === true && mode !== 'raw' && mode !== 'build_id';
  if (kind === 'tuple') return holdsUserCode((value as { elements: unknown }).elements, depth + 1);
  if (kind === 'record') return holdsUserCode((value as { fields: unknown }).fields, depth + 1);
  return 'type' in value && holdsUserCode((value as { type: unknown }).type, depth + 1);
}
