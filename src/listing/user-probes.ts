/** The probes of user-space binaries, as rows for the listing: functions and static markers of the binaries named. */

import { declare } from '../kernel/btf/c-text.ts';
import type { KernelFacts } from '../kernel/facts.ts';
import type { ListOptions, ProbeRow } from './listing.ts';

/** uprobeRows lists path and function, each name once. */
export function* uprobeRows(facts: KernelFacts, target: string, { pid }: ListOptions): Generator<ProbeRow> {
  const { binaries } = facts;
  for (const path of binaries.resolve(target, pid)) {
    const functions = binaries.symbols(path).filter((symbol) => symbol.isFunction);
    const names = new Set(functions.map((symbol) => symbol.name));
    for (const name of [...names].sort()) yield [shownPath(target, path), name];
  }
}

export function uprobeDetails({ binaries }: KernelFacts, [path = '', name = '']: ProbeRow) {
  const parameters = binaries.functionType(path, name)?.parameters ?? [];
  return parameters.map((parameter) => `${declare(parameter.type, '').replace(' *', '*')} ${parameter.name}`);
}

/** usdtRows lists path, namespace and name, each once however often it is compiled in. */
export function* usdtRows(facts: KernelFacts, target: string, { pid }: ListOptions): Generator<ProbeRow> {
  const { binaries } = facts;
  for (const path of binaries.resolve(target, pid)) {
    const names = new Set(binaries.usdt(path).map((probe) => `${probe.provider}:${probe.name}`));
    for (const name of [...names].sort()) yield [shownPath(target, path), ...name.split(':')];
  }
}

/** A path is shown as it was written, all else as the path it stands for. */
function shownPath(target: string, path: string): string {
  return target.includes('/') && !/[*?[]/.test(target) ? target : path;
}
