/**
 * Plans how probes are attached (see `plan.ts`): one TypedProbe becomes as few programs as the kernel allows.
 */

import type { KernelFacts } from '../kernel/facts.ts';
import type { AttachSite, TypedExpression, TypedProbe } from '../semantics/program.ts';
import { walkBlock, walkExpression } from './lower/walk.ts';
import type { Attachment } from './object.ts';
import type { ArgumentAccess, ProgramPlan, SiteIdentity } from './plan.ts';

type Site<P extends AttachSite['provider']> = Extract<AttachSite, { provider: P }>;
type TracepointSite = Site<'tracepoint'>;

/** What a body uses that bears on how it may be attached. */
interface BodyUses {
  readonly probeName: boolean;
  readonly kernelStack: boolean;
  readonly fields: boolean;
  /** All fields are to be had from the raw system call tracepoints. */
  readonly rawFields: boolean;
}

/** planPrograms gives the programs of a probe, in order. */
export function planPrograms(probe: TypedProbe, facts: KernelFacts): ProgramPlan[] {
  const uses = usesOf(probe);
  const plans: ProgramPlan[] = [];
  for (const sites of groupByProvider(probe.sites)) plans.push(...planGroup(probe, sites, uses, facts));
  return plans;
}

function groupByProvider(sites: readonly AttachSite[]): AttachSite[][] {
  const groups = new Map<string, AttachSite[]>();
  for (const site of sites) {
    const group = groups.get(site.provider);
    if (group === undefined) groups.set(site.provider, [site]);
    else group.push(site);
  }
  return [...groups.values()];
}

function planGroup(probe: TypedProbe, sites: readonly AttachSite[], uses: BodyUses, facts: KernelFacts): ProgramPlan[] {
  const [first] = sites;
  if (first === undefined) return [];
  switch (first.provider) {
    case 'begin':
    case 'end':
    case 'self':
    case 'test':
    case 'bench':
      return perIdentity(sites, uses).map((group) => ({
        ...base(probe, group),
        type: 'raw_tracepoint',
        access: { kind: 'none' },
        attachments: [{ kind: 'run', sites: group }],
      }));
    case 'interval':
    case 'profile':
    case 'software':
    case 'hardware':
    case 'watchpoint':
      return perfPlans(probe, sites, uses, facts, 'perf_event', { kind: 'perfEvent' });
    case 'tracepoint':
      return tracepointPlans(probe, sites as readonly TracepointSite[], uses, facts);
    case 'rawtracepoint':
      return sites.map((site) => btfPlan(probe, site as Site<'rawtracepoint'>));
    case 'fentry':
    case 'fexit':
      return sites.map((site) => trampolinePlan(probe, site as Site<'fentry' | 'fexit'>));
    case 'iter':
      return sites.map((site) => iteratorPlan(probe, site as Site<'iter'>));
    case 'kprobe':
    case 'kretprobe':
      return kprobePlans(probe, sites as readonly Site<'kprobe' | 'kretprobe'>[], uses, facts);
    case 'uprobe':
    case 'uretprobe':
      return uprobePlans(probe, sites as readonly Site<'uprobe' | 'uretprobe'>[], uses, facts);
    case 'usdt':
      return perfPlans(probe, sites, uses, facts, 'kprobe', { kind: 'registers' }, arePreemptible(facts));
  }
}

function base(probe: TypedProbe, sites: readonly AttachSite[]) {
  const identity: SiteIdentity = { kind: 'constant', nameId: sites[0]?.nameId ?? 0 };
  return { probe, sites, identity, needsAtomics: false };
}

/** One group for all sites, or one per site where the body asks for the name and nothing else tells them apart. */
function perIdentity(sites: readonly AttachSite[], uses: BodyUses): (readonly AttachSite[])[] {
  return uses.probeName && sites.length > 1 ? sites.map((site) => [site]) : [sites];
}

/** Sites attached through perf events: one program, the cookie tells the sites apart. */
function perfPlans(
  probe: TypedProbe,
  sites: readonly AttachSite[],
  uses: BodyUses,
  facts: KernelFacts,
  type: 'perf_event' | 'tracepoint' | 'kprobe',
  access: ArgumentAccess,
  isPreemptible = false,
): ProgramPlan[] {
  const hasCookie = facts.features.hasHelper('get_attach_cookie', type) && facts.features.has('perf_link');
  const needsIdentity = uses.probeName && sites.length > 1;
  const groups = needsIdentity && !hasCookie ? sites.map((site) => [site]) : [sites];
  return groups.map((group) => ({
    ...base(probe, group),
    type,
    access,
    needsAtomics: isPreemptible,
    isPreemptible,
    identity: needsIdentity && hasCookie ? { kind: 'cookie' } : { kind: 'constant', nameId: group[0]?.nameId ?? 0 },
    attachments: group.map(
      (site): Attachment => ({
        kind: 'perf',
        site,
        ...(needsIdentity && hasCookie && { cookie: BigInt(site.nameId) }),
      }),
    ),
  }));
}

// ---- tracepoints ----

const RAW_ENTER = 'sys_enter';
const RAW_EXIT = 'sys_exit';
/** Beyond this many sites a kernel stack no longer keeps perf tracepoints, whose detaching takes 70 ms each. */
const STACK_SITES = 8;

function tracepointPlans(
  probe: TypedProbe,
  sites: readonly TracepointSite[],
  uses: BodyUses,
  facts: KernelFacts,
): ProgramPlan[] {
  const record = (group: readonly TracepointSite[]) =>
    perfPlans(probe, group, uses, facts, 'tracepoint', { kind: 'record' });
  // A raw tracepoint's kernel stack starts with frames of its own.
  if (uses.kernelStack && sites.length <= STACK_SITES) return record(sites);
  const isSyscall = (site: TracepointSite) =>
    site.category === 'syscalls' || (site.category === 'raw_syscalls' && site.syscallNumber === undefined);
  const plans: ProgramPlan[] = [];
  const left: TracepointSite[] = [];
  const enters: TracepointSite[] = [];
  const exits: TracepointSite[] = [];
  for (const site of sites) {
    const canBeRaw = isSyscall(site) && uses.rawFields && facts.features.has('raw_tp_btf');
    if (!canBeRaw) left.push(site);
    else if (site.event.startsWith(RAW_ENTER)) enters.push(site);
    else if (site.event.startsWith(RAW_EXIT)) exits.push(site);
    else left.push(site);
  }
  for (const [group, event] of [
    [enters, RAW_ENTER],
    [exits, RAW_EXIT],
  ] as const) {
    const raw = group.filter((site) => site.category === 'raw_syscalls');
    const numbered = group.filter((site) => site.category === 'syscalls' && site.syscallNumber !== undefined);
    const btfId = facts.types.rawTracepoint(event)?.btfId;
    if (btfId === undefined) {
      left.push(...group);
      continue;
    }
    left.push(...group.filter((site) => !raw.includes(site) && !numbered.includes(site)));
    if (raw.length > 0) plans.push(syscallPlan(probe, raw, btfId, event === RAW_EXIT));
    if (numbered.length > 0) plans.push(syscallPlan(probe, numbered, btfId, event === RAW_EXIT));
  }
  if (left.length === 0) return plans;
  const canBeRaw = !uses.fields && left.every((site) => site.category !== 'syscalls' && site.rawBtfId !== undefined);
  plans.push(...(canBeRaw ? rawPlans(probe, left, uses, facts) : record(left)));
  return plans;
}

function syscallPlan(probe: TypedProbe, sites: readonly TracepointSite[], btfId: number, isExit: boolean): ProgramPlan {
  const numbered = sites.flatMap(({ syscallNumber, nameId }) =>
    syscallNumber === undefined ? [] : [{ number: syscallNumber, nameId }],
  );
  return {
    ...base(probe, sites),
    type: 'tracing',
    expectedAttachType: 'trace_raw_tp',
    attachBtf: { id: btfId, module: 'vmlinux' },
    access: { kind: 'syscall', isExit },
    identity:
      numbered.length > 0 ? { kind: 'syscall', sites: numbered } : { kind: 'constant', nameId: sites[0]?.nameId ?? 0 },
    attachments: [{ kind: 'rawTracepointBtf', sites }],
  };
}

/** Bodies that use no argument: one raw tracepoint program, attached by name wherever it belongs. */
function rawPlans(
  probe: TypedProbe,
  sites: readonly TracepointSite[],
  uses: BodyUses,
  facts: KernelFacts,
): ProgramPlan[] {
  const needsIdentity = uses.probeName && sites.length > 1;
  const hasCookie = facts.features.hasHelper('get_attach_cookie', 'raw_tracepoint');
  const groups = needsIdentity && !hasCookie ? sites.map((site) => [site]) : [sites];
  return groups.map((group) => ({
    ...base(probe, group),
    type: 'raw_tracepoint',
    access: { kind: 'none' },
    identity: needsIdentity && hasCookie ? { kind: 'cookie' } : { kind: 'constant', nameId: group[0]?.nameId ?? 0 },
    attachments: group.map((site) => ({
      kind: 'rawTracepoint',
      event: site.event,
      sites: [site],
      ...(needsIdentity && hasCookie && { cookie: BigInt(site.nameId) }),
    })),
  }));
}

function btfPlan(probe: TypedProbe, site: Site<'rawtracepoint'>): ProgramPlan {
  return {
    ...base(probe, [site]),
    type: 'tracing',
    expectedAttachType: 'trace_raw_tp',
    attachBtf: { id: site.btfId, module: site.module },
    access: { kind: 'slots', argumentCount: 0 },
    attachments: [{ kind: 'rawTracepointBtf', sites: [site] }],
  };
}

function trampolinePlan(probe: TypedProbe, site: Site<'fentry' | 'fexit'>): ProgramPlan {
  return {
    ...base(probe, [site]),
    type: 'tracing',
    expectedAttachType: site.provider === 'fentry' ? 'trace_fentry' : 'trace_fexit',
    attachBtf: { id: site.btfId, module: site.module },
    // Of programs whose types it does not believe the kernel passes all argument registers on.
    access: { kind: 'slots', argumentCount: site.module.startsWith('bpf:') ? undefined : site.argumentCount },
    // Trampolines disable migration only: another task may run the program on the CPU meanwhile.
    needsAtomics: true,
    attachments: [{ kind: 'trampoline', site }],
  };
}

function iteratorPlan(probe: TypedProbe, site: Site<'iter'>): ProgramPlan {
  return {
    ...base(probe, [site]),
    type: 'tracing',
    expectedAttachType: 'trace_iter',
    attachBtf: { id: site.btfId, module: 'vmlinux' },
    access: { kind: 'iterator' },
    needsAtomics: true,
    attachments: [{ kind: 'iterator', site }],
  };
}

function kprobePlans(
  probe: TypedProbe,
  sites: readonly Site<'kprobe' | 'kretprobe'>[],
  uses: BodyUses,
  facts: KernelFacts,
): ProgramPlan[] {
  const canBeMulti = (site: Site<'kprobe' | 'kretprobe'>) => site.offset === 0n && site.address === undefined;
  const isMulti = sites.length > 1 && facts.features.has('kprobe_multi') && sites.every(canBeMulti);
  if (!isMulti) return perfPlans(probe, sites, uses, facts, 'kprobe', { kind: 'registers' });
  return [
    {
      ...base(probe, sites),
      type: 'kprobe',
      expectedAttachType: 'trace_kprobe_multi',
      access: { kind: 'registers' },
      identity: { kind: 'cookie' },
      attachments: [{ kind: 'kprobeMulti', sites, isReturn: sites[0]?.provider === 'kretprobe' }],
    },
  ];
}

/**
 * Uprobe programs are run with preemption on since they may sleep (6.0). Kernels before 5.13 are told by a helper they lack;
 * they have no locked exchange either, which sharing scratch memory among the preempted takes.
 */
function arePreemptible({ types }: KernelFacts): boolean {
  return !types.isAvailable || types.enumConstant('BPF_FUNC_for_each_map_elem') !== undefined;
}

function uprobePlans(
  probe: TypedProbe,
  sites: readonly Site<'uprobe' | 'uretprobe'>[],
  uses: BodyUses,
  facts: KernelFacts,
): ProgramPlan[] {
  const isMulti = sites.length > 1 && facts.features.has('uprobe_multi');
  if (!isMulti) return perfPlans(probe, sites, uses, facts, 'kprobe', { kind: 'registers' }, arePreemptible(facts));
  // A multi link is for one file and one process.
  const groups = new Map<string, Site<'uprobe' | 'uretprobe'>[]>();
  for (const site of sites) {
    const key = `${site.path} ${site.pid ?? ''}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [site]);
    else group.push(site);
  }
  return [
    {
      ...base(probe, sites),
      type: 'kprobe',
      expectedAttachType: 'trace_uprobe_multi',
      access: { kind: 'registers' },
      identity: { kind: 'cookie' },
      needsAtomics: true,
      isPreemptible: true,
      attachments: [...groups.values()].map((group) => ({
        kind: 'uprobeMulti',
        sites: group,
        isReturn: group[0]?.provider === 'uretprobe',
      })),
    },
  ];
}

// ---- what a body uses ----

function usesOf(probe: TypedProbe): BodyUses {
  let probeName = false;
  let kernelStack = false;
  let fields = false;
  let rawFields = true;
  const expression = (e: TypedExpression) => {
    if (e.kind === 'builtin' && (e.name === 'probe' || (e.name === 'func' && e.type.kind === 'usym'))) probeName = true;
    if (e.kind === 'call' && e.name === 'kstack') kernelStack = true;
    if (e.kind === 'tracepointField') {
      fields = true;
      if (e.syscallArgument === undefined) rawFields = false;
    }
    if (e.kind === 'context') {
      fields = true;
      rawFields = false;
    }
  };
  if (probe.predicate) walkExpression(probe.predicate, { expression });
  walkBlock(probe.body, { expression });
  return { probeName, kernelStack, fields, rawFields };
}
