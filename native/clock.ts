/** Clocks of the kernel that Node does not show. */

import { callLibc } from './library.ts';
import { NativeError } from './native-error.ts';
import { StructLayout } from './struct.ts';

/** include/uapi/linux/time.h */
const CLOCKS = { realtime: 0, monotonic: 1, boottime: 7, tai: 11 } as const;

const TIMESPEC = new StructLayout([
  ['tv_sec', 'u64'],
  ['tv_nsec', 'u64'],
]);

/** readClock gives the reading in nanoseconds. */
export function readClock(clock: keyof typeof CLOCKS): bigint {
  const time = TIMESPEC.encode();
  const { value, errno } = callLibc('clock_gettime', [
    ['i32', CLOCKS[clock]],
    ['buffer', time.bytes],
  ]);
  if (value !== 0) throw new NativeError('clock_gettime', errno);
  return TIMESPEC.read(time.bytes, 'tv_sec') * 1_000_000_000n + TIMESPEC.read(time.bytes, 'tv_nsec');
}
