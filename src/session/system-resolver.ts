/** The resolver of a session on the running system, as the script's config has it, with clocks read exactly. */

import { readClock } from '../../native/clock.ts';
import type { ProgramConfig } from '../semantics/program.ts';
import type { KernelSymbolTable } from '../symbols/kernel-symbols.ts';
import { LiveResolver } from '../symbols/live-resolver.ts';
import type { ProcessHistory } from '../symbols/process-history.ts';
import type { Resolver } from './resolver.ts';

/** systemResolver asks the system nothing until the first name is wanted; kernel symbols may be read already. */
export function systemResolver(
  config: ProgramConfig,
  kernelSymbols?: () => KernelSymbolTable,
  history?: ProcessHistory,
): Resolver {
  return new LiveResolver({
    ...(history && { history }),
    ...(kernelSymbols && { kernelSymbols }),
    cacheUserSymbols: config.cacheUserSymbols,
    isDemangled: config.cppDemangle,
    hasLines: config.showDebugInfo,
    clockOffsets: () => {
      const wallNs = readClock('realtime');
      return { bootNs: wallNs - readClock('boottime'), taiNs: wallNs - readClock('tai') };
    },
  });
}
