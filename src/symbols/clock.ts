/**
 * Wall clock times from the kernel's clocks. The offset of the boot clock is taken once, as the language has it: a run's
 * times keep their distances when the wall clock is set. Node cannot read the boot clock to the nanosecond, but the
 * monotonic one, which differs from it by the time spent suspended.
 */

import { readFileSync } from 'node:fs';

export interface ClockOffsets {
  /** Add to ns since boot to get ns since the epoch. */
  readonly bootNs: bigint;
  /** Add to ns of the TAI clock. */
  readonly taiNs: bigint;
}

/** /proc/uptime has hundredths of seconds: a smaller difference is no suspension. */
const UPTIME_RESOLUTION_NS = 20_000_000n;
const CLOCK_STEP_NS = 5_000_000n;

/** readClockOffsets measures now; the kernel's TAI offset is 0 unless a time daemon has set it. */
export function readClockOffsets(taiOffsetSeconds = 0): ClockOffsets {
  const monotonic = process.hrtime.bigint();
  const wall = readWallNs();
  const uptime = readUptimeNs();
  const suspended = uptime === undefined ? 0n : uptime - monotonic;
  return {
    bootNs: wall - monotonic - (suspended > UPTIME_RESOLUTION_NS ? suspended : 0n),
    taiNs: BigInt(-taiOffsetSeconds) * 1_000_000_000n,
  };
}

/** Microseconds by the performance clock, unless the wall clock was set since the process began. */
function readWallNs(): bigint {
  const precise = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
  const coarse = BigInt(Date.now()) * 1_000_000n;
  const difference = precise - coarse;
  return difference > CLOCK_STEP_NS || difference < -CLOCK_STEP_NS ? coarse : precise;
}

function readUptimeNs(): bigint | undefined {
  try {
    const seconds = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]);
    return Number.isFinite(seconds) ? BigInt(Math.round(seconds * 100)) * 10_000_000n : undefined;
  } catch {
    return undefined;
  }
}
