/**
 * Kprobe sessions (Linux 6.10): a kprobe and a kretprobe of the same functions become one program on one link, which runs
 * at both ends of a call and asks the kernel which end it is at. That halves the work of attaching and of each call.
 */

import type { KernelFacts } from '../kernel/facts.ts';
import type { AttachSite } from '../semantics/program.ts';
import { FunctionBuilder } from './ir/builder.ts';
import type { IrFunction } from './ir/ir.ts';
import type { ProgramPlan } from './plan.ts';

export const IS_RETURN = 'bpf_session_is_return';

/**
 * pairSessions joins plans of multi kprobes whose functions are the same. Where several plans are for the same end of
 * the same functions it leaves all as they are, since their order is theirs to keep.
 */
export function pairSessions(plans: readonly ProgramPlan[], { features }: KernelFacts): readonly ProgramPlan[] {
  const multi = plans.filter((plan) => plan.expectedAttachType === 'trace_kprobe_multi');
  const hasBothEnds = new Set(multi.map((plan) => plan.sites[0]?.provider)).size === 2;
  if (!hasBothEnds || !features.has('kprobe_session') || !features.hasKfunc(IS_RETURN)) return plans;
  const byFunctions = new Map<string, ProgramPlan[]>();
  for (const plan of multi) {
    const key = plan.sites.map(functionOf).sort().join();
    byFunctions.set(key, [...(byFunctions.get(key) ?? []), plan]);
  }
  const sessions = new Map<ProgramPlan, ProgramPlan | undefined>();
  for (const pair of byFunctions.values()) {
    const entry = pair.find((plan) => plan.sites[0]?.provider === 'kprobe');
    const onReturn = pair.find((plan) => plan.sites[0]?.provider === 'kretprobe');
    if (pair.length !== 2 || entry === undefined || onReturn === undefined) continue;
    sessions.set(entry, sessionOf(entry, onReturn));
    sessions.set(onReturn, undefined);
  }
  return plans.flatMap((plan) => (sessions.has(plan) ? (sessions.get(plan) ?? []) : plan));
}

function sessionOf(entry: ProgramPlan, onReturn: ProgramPlan): ProgramPlan {
  const returnsByFunction = new Map(onReturn.sites.map((site) => [functionOf(site), site]));
  const returnSites = entry.sites.flatMap((site) => returnsByFunction.get(functionOf(site)) ?? []);
  const expectedAttachType = 'trace_kprobe_session';
  return {
    ...entry,
    expectedAttachType,
    identity: { kind: 'cookie', isUpperHalf: false },
    attachments: [{ kind: 'kprobeSession', sites: entry.sites, returnSites }],
    onReturn: { ...onReturn, expectedAttachType, identity: { kind: 'cookie', isUpperHalf: true } },
  };
}

function functionOf(site: AttachSite): string {
  return site.provider === 'kprobe' || site.provider === 'kretprobe'
    ? `${site.module ?? ''}:${site.symbol}`
    : site.name;
}

/** dispatch makes the main function of a session: it calls the one body or the other. Its 0 asks for the return, too. */
export function dispatch(name: string, entry: IrFunction, onReturn: IrFunction): IrFunction {
  const builder = new FunctionBuilder(name, ['context'], entry.span);
  const context = builder.parameter(0);
  const atReturn = builder.block();
  const atEntry = builder.block();
  // The kernel leaves the upper bits of a bool as they come.
  const answer = builder.extend(builder.callKfunc(IS_RETURN, [context]), 8, false);
  builder.branch('notEqual', answer, 0n, atReturn, atEntry);
  for (const [block, body] of [
    [atEntry, entry],
    [atReturn, onReturn],
  ] as const) {
    builder.enter(block);
    builder.callFunction(body.name, [context]);
    builder.return(0n);
  }
  return builder.finish();
}
