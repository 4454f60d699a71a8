/**
 * How a probe becomes programs: which program type serves its sites, how its arguments are reached from there, what
 * tells the sites apart. A raw tracepoint stands in for tracepoint sites wherever the script's use of arguments
 * permits: it is cheaper per event, and quicker to detach.
 */

import type { AttachSite, TypedProbe } from '../semantics/program.ts';
import type { Attachment, ProgramSpec, ProgramType } from './object.ts';

/** Where arguments come from. */
export type ArgumentAccess =
  | { readonly kind: 'none' }
  /** Perf tracepoint: the record behind the context. */
  | { readonly kind: 'record' }
  /** Raw system call tracepoint: pt_regs and number (enter), pt_regs and result (exit). */
  | { readonly kind: 'syscall'; readonly isExit: boolean }
  /** u64 slots behind the context: BTF tracepoints, fentry, fexit. */
  /** The result lies behind them; without a count only the kernel knows where. */
  | { readonly kind: 'slots'; readonly argumentCount: number | undefined }
  /** pt_regs. */
  | { readonly kind: 'registers' }
  /** struct bpf_perf_event_data, which starts with pt_regs. */
  | { readonly kind: 'perfEvent' }
  | { readonly kind: 'iterator' };

/** How the program knows at which site it runs. */
export type SiteIdentity =
  | { readonly kind: 'constant'; readonly nameId: number }
  /** By the site's cookie; that of a session holds two names, the one for returns in its upper half. */
  | { readonly kind: 'cookie'; readonly isUpperHalf?: boolean }
  /** By the number of the system call; other numbers are not the probe's business. */
  | { readonly kind: 'syscall'; readonly sites: readonly { readonly number: number; readonly nameId: number }[] };

export interface ProgramPlan {
  readonly probe: TypedProbe;
  readonly sites: readonly AttachSite[];
  readonly type: ProgramType;
  readonly expectedAttachType?: ProgramSpec['expectedAttachType'];
  readonly attachBtf?: ProgramSpec['attachBtf'];
  readonly access: ArgumentAccess;
  readonly identity: SiteIdentity;
  readonly attachments: readonly Attachment[];
  /** Runs may be preempted by the same program, or share per-CPU memory with programs that interrupt it. */
  readonly needsAtomics: boolean;
  /** A run may be preempted by a run of the same program on the same CPU (uprobes). */
  readonly isPreemptible?: boolean;
  /** Of a kprobe session: what runs when the functions return (see `sessions.ts`). */
  readonly onReturn?: ProgramPlan;
}
