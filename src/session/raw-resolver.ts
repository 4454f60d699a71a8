/** RawResolver leaves numbers as they are: for tests, and where nothing about the system may be asked. */

import type { Resolver } from './resolver.ts';
import type { StackFrame, SymbolValue, TextValue } from './snapshot.ts';

export const RawResolver: Resolver = {
  kernelStack: frames,
  userStack: (_, addresses) => frames(addresses),
  buildIdStack: () => [],
  kernelSymbol: symbol,
  userSymbol: (_, address) => symbol(address),
  username: (uid) => text(uid, ''),
  cgroupPath: (id) => text(id, String(id)),
  timestamp: (ns) => text(ns, String(ns)),
  wallClockNs: (bootNs) => bootNs,
  observe: () => undefined,
};

function frames(addresses: Iterable<bigint>): readonly StackFrame[] {
  const result: StackFrame[] = [];
  for (const address of addresses) {
    if (address === 0n) break;
    result.push({ address });
  }
  return result;
}

function symbol(address: bigint): SymbolValue {
  return { kind: 'symbol', address, text: address === 0n ? '0' : `0x${address.toString(16)}` };
}

function text(raw: number | bigint, shown: string): TextValue {
  return { kind: 'text', text: shown, raw };
}
