/** The resolver of a session on the running system, as the script's config has it, with clocks read exactly. */

import { readClock } from '../../native/clock.ts';
import type { ProgramConfig } from '../semantics/program.ts';
import { LiveResolver } from '../symbols/live-resolver.ts';
import type { Resolver } from './resolver.ts';

/** systemResolver asks the system nothing until the first name is wanted. */
export function systemResolver(config: ProgramConfig): Resolver {
  return new LiveResolver({
    cacheUserSymbols: config.cacheUserSymbols,
    isDemangled: config.cppDemangle,
    hasLines: config.showDebugInfo,
    clockOffsets: () => {
      const wallNs = readClock('realtime');
      return { bootNs: wallNs - readClock('boottime'), taiNs: wallNs - readClock('tai') };
    },
  });
}
