/**
 * uptimeMs is a clock that only goes forward, for durations. `performance.now()` would do, but loads a module of Node.js on
 * first use, which a short run feels.
 */
export function uptimeMs(): number {
  return process.uptime() * 1000;
}
