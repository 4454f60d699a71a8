/**
 * Which actions belong to `end` probes. After `exit()` only they still count: what other probes say between the call and
 * their detaching is not part of the run, and on a busy machine it would be a lot.
 */

import type { TypedProgram } from '../semantics/program.ts';

/** endActions gives the ids of all actions in bodies of end probes. */
export function endActions(program: TypedProgram): ReadonlySet<number> {
  const ids = new Set<number>();
  for (const probe of program.probes) {
    if (probe.sites.some(({ provider }) => provider === 'end')) collect(probe.body, ids);
  }
  return ids;
}

/** Spans lead to the source and types to the kernel's: neither holds statements. */
const SKIPPED: ReadonlySet<string> = new Set(['span', 'type', 'map', 'variable']);

function collect(node: unknown, ids: Set<number>): void {
  if (Array.isArray(node)) {
    for (const item of node) collect(item, ids);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  if ('kind' in node && node.kind === 'act' && 'action' in node) ids.add((node.action as { id: number }).id);
  for (const [key, value] of Object.entries(node)) if (!SKIPPED.has(key) && key !== 'action') collect(value, ids);
}
