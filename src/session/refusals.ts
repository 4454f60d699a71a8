/** What the kernel refuses, in words: cause and way out for each errno that people meet, in terms of the script. */

import { readFileSync } from 'node:fs';
import { LibraryError } from '../../native/library.ts';
import { NativeError } from '../../native/native-error.ts';
import { createDiagnostic, type Diagnostic, type Span } from '../diagnostics/diagnostic.ts';
import type { AttachSite } from '../semantics/program.ts';
import { SessionError } from './session.ts';

/** ExplainLog turns a verifier's log into a finding in terms of the script; undefined if it cannot. */
export type ExplainLog = (
  log: string,
  program: { readonly name: string; readonly span?: Span },
) => Diagnostic | undefined;

/** refusal makes a SessionError of whatever went wrong with `what`: `create map @x`, `load tracepoint:a:b`. */
export function refusal(what: string, error: unknown, span?: Span): SessionError {
  if (error instanceof SessionError) return error;
  if (error instanceof LibraryError) {
    const finding = createDiagnostic('error', 'no-libbpf', error.message, undefined, { hints: [error.hint] });
    return new SessionError([finding], { cause: error });
  }
  if (!(error instanceof NativeError)) throw error;
  const log = error.log ? { log: error.log } : {};
  return new SessionError([explain(what, error, span)], { cause: error, ...log });
}

/** attachFinding words a site that could not be attached to, as an error or a warning. */
export function attachFinding(
  severity: 'error' | 'warning',
  { name, provider, span }: AttachSite,
  error: unknown,
): Diagnostic {
  const refused = `${provider} ${(error as Error).message}`;
  const known = PROVIDER_CAUSES.find(([pattern]) => pattern.test(refused))?.[1];
  const cause = known ?? (error instanceof NativeError ? causeOf(error) : undefined);
  // What the kernel lacks as a whole is no matter of this probe.
  const advice =
    severity === 'error' && error instanceof NativeError
      ? " If this is expected, set the 'missing_probes' config variable to 'warn'."
      : '';
  return createDiagnostic(severity, 'attach-failed', `Unable to attach probe: ${name}.${advice}`, span, {
    notes: error instanceof Error ? [{ message: error.message }] : [],
    hints: cause ? [cause] : [],
  });
}

/** What an errno means for some providers. */
const PROVIDER_CAUSES: readonly (readonly [RegExp, string])[] = [
  [
    /has no kprobes$/,
    "it was built without CONFIG_KPROBES: use a tracepoint or rawtracepoint in its place (bptop -l 'tracepoint:*')",
  ],
  [/has no uprobes$/, 'it was built without CONFIG_UPROBE_EVENTS: user-space functions cannot be probed on it'],
  [/from tracefs only$/, 'mount -t tracefs tracefs /sys/kernel/tracing, or use the rawtracepoint of this name'],
  [/^hardware .*(ENOENT|EOPNOTSUPP)$/, 'this machine has no such counter; virtual machines often have none'],
  [
    /^watchpoint .*EINVAL$/,
    'the address must be a multiple of the length, as the processor compares aligned addresses',
  ],
  [
    /^kprobe .*(EINVAL|EILSEQ|ERANGE)$/,
    'probes of this function are not allowed, or no instruction starts at this offset: see objdump -d, or probe a caller',
  ],
  [/^kretprobe .*EINVAL$/, 'probes of this function are not allowed: probe a caller'],
  [
    /^k(ret)?probe .*ENOENT$/,
    "the kernel has no such function, or it is inlined everywhere: bptop -l 'kprobe:*name*' lists what there is",
  ],
  [/^(fentry|fexit) .*(EINVAL|EBUSY|ENOTSUPP)$/, 'the function cannot take a trampoline: try kprobe in its place'],
  [/^(uprobe|uretprobe|usdt) .*EINVAL$/, 'no instruction starts there, or one that cannot be probed'],
];

function explain(what: string, error: NativeError, span?: Span): Diagnostic {
  if (error.code === 'EPERM' || (error.code === 'EACCES' && !error.log)) {
    return createDiagnostic('error', 'not-permitted', `the kernel does not let this user ${what}`, undefined, {
      hints: [causeOf(error) ?? 'run bptop as root'],
      notes: [{ message: error.message }],
    });
  }
  // What the verifier says is no matter of rights.
  const hint = error.log ? undefined : causeOf(error);
  return createDiagnostic('error', 'kernel-refused', `cannot ${what}: ${error.message}`, span, {
    hints: hint ? [hint] : [],
    notes: error.log ? [{ message: lastWords(error.log) }] : [],
  });
}

const CAUSES: Record<string, string> = {
  EAGAIN: 'signals kept interrupting the kernel at it: try again, without what sends them',
  E2BIG: 'the program is too large for the verifier: split the script or use fewer nested loops',
  EBUSY: 'something else holds this place: only so many hardware breakpoints and counters exist',
  EINVAL: 'this kernel may lack the feature',
  EMFILE: 'too many open files: raise the limit with ulimit -n',
  ENFILE: 'too many open files in the system: raise fs.file-max',
  ENOENT: 'there is no such place in the running kernel or file',
  ENOMEM: 'not enough memory: choose smaller maps (max_map_keys) or fewer of them',
  ENOSPC: 'the machine has no free slot for it, such as a breakpoint register',
  ESRCH: 'there is no such function or process',
  EOPNOTSUPP: 'this kernel, or this machine, cannot do it',
  ENOTSUPP: 'this kernel cannot do it',
};

function causeOf(error: NativeError): string | undefined {
  if (error.code !== 'EPERM' && error.code !== 'EACCES') return CAUSES[error.code];
  if (process.geteuid?.() !== 0) {
    return 'run bptop as root (it needs CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN)';
  }
  if (isLockedDown()) return 'the kernel is locked down: see /sys/kernel/security/lockdown';
  return 'a container or a security module may forbid it: CAP_BPF and CAP_PERFMON are needed';
}

function isLockedDown(): boolean {
  try {
    return /\[(integrity|confidentiality)\]/.test(readFileSync('/sys/kernel/security/lockdown', 'utf8'));
  } catch {
    return false;
  }
}

/** The verifier's complaint is its last line before the statistics. */
function lastWords(log: string): string {
  const lines = log.trimEnd().split('\n');
  return lines.findLast((line) => !/^(processed \d+ insns|verification time|stack depth)/.test(line)) ?? '';
}
