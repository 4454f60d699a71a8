/**
 * What a probe body may ask of the place it runs at: provider, arguments, return value, context pointer. One context
 * per group of sites whose arguments lie alike.
 */

import type { CType } from '../../ctype/ctype.ts';
import type { Span } from '../../diagnostics/diagnostic.ts';
import type { TracepointField } from '../../kernel/facts.ts';
import type { ProviderName } from '../../language/providers.ts';
import type { AttachSite } from '../program.ts';

export type { ProviderName };

export interface ProbeContext {
  readonly provider: ProviderName;
  readonly sites: readonly AttachSite[];
  /** Absent (`none`) where the body names no arguments, so that nothing is read for nothing. */
  readonly args: ProbeArguments;
  /** The arguments there are, for suggestions. */
  readonly knownArgs: () => ProbeArguments;
  readonly argumentSpace: 'kernel' | 'user';
  readonly span: Span;
}

/** Where `args`, `argN` and `retval` come from. */
export type ProbeArguments =
  | { readonly kind: 'none' }
  /** The attach point could not be resolved: anything goes, without findings. */
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'tracepoint';
      readonly category: string;
      readonly event: string;
      readonly fields: readonly TracepointField[];
      /** A tracepoint of category `syscalls` or `raw_syscalls`. */
      readonly syscall?: 'enter' | 'exit';
      readonly isRawSyscall: boolean;
    }
  | {
      readonly kind: 'function';
      readonly parameters: readonly {
        readonly name: string;
        readonly type: CType;
      }[];
      readonly returns?: CType;
      /** Arguments are pointers that BTF vouches for. */
      readonly isTrusted: boolean;
      /** What the probe is at, for messages. */
      readonly description: string;
    }
  /** usdt: operands by number. */
  | { readonly kind: 'markers'; readonly count: number; readonly description: string }
  /** iter: `ctx` is a `struct bpf_iter__NAME *`. */
  | { readonly kind: 'iterator'; readonly name: string };

/** Providers whose probes run as perf events. */
export const PERF_EVENT_PROVIDERS: ReadonlySet<ProviderName> = new Set([
  'profile',
  'interval',
  'software',
  'hardware',
  'watchpoint',
]);

/** Providers whose context holds registers. */
export const REGISTER_PROVIDERS: ReadonlySet<ProviderName> = new Set([
  'kprobe',
  'kretprobe',
  'uprobe',
  'uretprobe',
  'usdt',
]);

/** probeType gives what the builtin `probetype` says. */
export function probeType(provider: ProviderName): string {
  return provider === 'begin' || provider === 'end' || provider === 'self' ? 'special' : provider;
}
