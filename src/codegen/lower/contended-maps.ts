/**
 * Which maps are updated by programs that may interrupt each other on one CPU: these are added to with locked
 * instructions.
 */

import type { ProgramPlan } from '../plan.ts';
import { walkBlock } from './walk.ts';

/** contendedMaps gives the ids of maps that programs of different protection update. */
export function contendedMaps(plans: readonly ProgramPlan[]): ReadonlySet<number> {
  const users = new Map<number, Set<string>>();
  plans.forEach((plan, index) => {
    const protection = protectionOf(plan, index);
    walkBlock(plan.probe.body, {
      statement: (statement) => {
        if (statement.kind !== 'aggregate') return;
        const known = users.get(statement.map.id);
        if (known === undefined) users.set(statement.map.id, new Set([protection]));
        else known.add(protection);
      },
    });
  });
  return new Set([...users].filter(([, protections]) => protections.size > 1).map(([id]) => id));
}

/** Programs of one protection never run within each other on a CPU; each raw tracepoint is guarded by itself only. */
function protectionOf(plan: ProgramPlan, index: number): string {
  if (plan.type === 'tracepoint' || plan.type === 'kprobe' || plan.type === 'perf_event') return 'perf';
  if (plan.access.kind === 'syscall' || plan.attachments.every((each) => each.kind === 'run')) return 'task';
  return `program ${index}`;
}
