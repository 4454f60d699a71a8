/**
 * Attach points to sites: provider by name or alias, parts counted, wildcards expanded against kernel facts, numbers
 * read. Each site comes with a description of its arguments, read only when the body asks.
 */

import type { Span } from '../../diagnostics/diagnostic.ts';
import { didYouMean } from '../../diagnostics/nearest.ts';
import type { AttachPoint } from '../../language/ast.ts';
import { findProvider, PROVIDERS, type Provider, type ProviderName } from '../../language/providers.ts';
import type { Checker } from '../checker.ts';
import type { AttachSite } from '../program.ts';
import { expandFunctionProbe } from './kernel-functions.ts';
import type { ProbeArguments } from './probe-context.ts';
import { expandPerfEvent, expandTimer, expandWatchpoint } from './timers.ts';
import { expandIterator, expandRawTracepoint, expandTracepoint } from './tracepoints.ts';
import { expandUserProbe } from './user-probes.ts';

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A site before names have been numbered. */
export type SiteDescription = DistributiveOmit<AttachSite, 'nameId'>;

export interface ExpandedSite {
  readonly site: SiteDescription;
  /** Called only if the body uses arguments. */
  readonly args: () => ProbeArguments;
  readonly argumentSpace: 'kernel' | 'user';
}

export interface AttachPointParts {
  readonly provider: Provider;
  /** After the provider. */
  readonly parts: readonly string[];
  readonly span: Span;
  readonly partSpans: readonly Span[];
}

const NO_ARGUMENTS: ProbeArguments = { kind: 'none' };
const noArguments = () => NO_ARGUMENTS;

type Expander = (checker: Checker, point: AttachPointParts) => readonly ExpandedSite[];

const EXPANDERS: Readonly<Record<ProviderName, Expander>> = {
  begin: (_, point) => [plainSite({ provider: 'begin', name: 'begin', span: point.span })],
  end: (_, point) => [plainSite({ provider: 'end', name: 'end', span: point.span })],
  self: expandSelf,
  test: (_, point) => [
    plainSite({
      provider: 'test',
      testName: point.parts[0] ?? '',
      name: `test:${point.parts[0] ?? ''}`,
      span: point.span,
    }),
  ],
  bench: (_, point) => [
    plainSite({
      provider: 'bench',
      testName: point.parts[0] ?? '',
      name: `bench:${point.parts[0] ?? ''}`,
      span: point.span,
    }),
  ],
  interval: expandTimer,
  profile: expandTimer,
  software: expandPerfEvent,
  hardware: expandPerfEvent,
  watchpoint: expandWatchpoint,
  tracepoint: expandTracepoint,
  rawtracepoint: expandRawTracepoint,
  iter: expandIterator,
  kprobe: expandFunctionProbe,
  kretprobe: expandFunctionProbe,
  fentry: expandFunctionProbe,
  fexit: expandFunctionProbe,
  uprobe: expandUserProbe,
  uretprobe: expandUserProbe,
  usdt: expandUserProbe,
};

/** plainSite is a site without arguments. */
export function plainSite(site: SiteDescription, argumentSpace: 'kernel' | 'user' = 'kernel'): ExpandedSite {
  return { site, args: noArguments, argumentSpace };
}

/** expandAttachPoint gives the sites of one attach point; empty after a reported error or an ignored miss. */
export function expandAttachPoint(checker: Checker, attachPoint: AttachPoint): readonly ExpandedSite[] {
  const [first, ...rest] = attachPoint.parts;
  const provider = first && findProvider(first.text);
  if (first === undefined || provider === undefined) {
    checker.error(
      'unknown-provider',
      `Invalid probe type: ${first?.text ?? attachPoint.text}`,
      first?.span ?? attachPoint.span,
      { hints: providerHints(attachPoint) },
    );
    return [];
  }
  if (!provider.parts.includes(rest.length)) {
    checker.error('malformed-probe', `${provider.name} probe must be of the form ${provider.form}`, attachPoint.span);
    return [];
  }
  return EXPANDERS[provider.name](checker, {
    provider,
    parts: rest.map((part) => part.text),
    span: attachPoint.span,
    partSpans: rest.map((part) => part.span),
  });
}

/** missingProbe reports an attach point that matches nothing, as `missing_probes` says. */
export function missingProbe(
  checker: Checker,
  message: string,
  span: Span,
  hints: readonly string[] = [],
): readonly ExpandedSite[] {
  switch (checker.config.program.missingProbes) {
    case 'error':
      checker.error('no-such-probe', message, span, {
        hints: [...hints, "If this is expected, set the 'missing_probes' config variable to 'warn'."],
      });
      break;
    case 'warn':
      checker.warning('no-such-probe', message, span, { hints });
      break;
    case 'ignore':
      break;
  }
  return [];
}

const REMOVED: Readonly<Record<string, string>> = {
  asyncwatchpoint: 'asyncwatchpoint was removed; use watchpoint:address:length:mode',
  aw: 'asyncwatchpoint was removed; use watchpoint:address:length:mode',
  fbt: "DTrace's fbt::function:entry is kprobe:function here, fbt::function:return is kretprobe:function",
  syscall: "DTrace's syscall::name:entry is tracepoint:syscalls:sys_enter_name here",
  dtrace: "DTrace's dtrace:::BEGIN is begin here",
  proc: 'see tracepoint:sched:* and tracepoint:task:*',
  io: 'see tracepoint:block:*',
  tick: "DTrace's tick-1s is interval:s:1 here",
  'profile-': "DTrace's profile-99 is profile:hz:99 here",
  pid: "DTrace's pid$target::function:entry is uprobe:binary:function here, with -p PID or -c COMMAND",
  sched: 'see tracepoint:sched:*',
  vminfo: 'see software:faults:* and tracepoint:vmscan:*',
  ip: 'see tracepoint:net:* and kprobe:ip_*',
  tcp: 'see tracepoint:tcp:* and tracepoint:sock:*',
  trace: "SystemTap's and perf's trace events are tracepoint:category:event here",
  kernel: 'SystemTap\'s kernel.function("name") is kprobe:name here',
  config: 'settings stand in a block: config = { name = value }',
};

/** Providers of another tool by name; some tell themselves by what follows. */
function removedProvider(text: string): string | undefined {
  const word = /^[a-z]+/.exec(text)?.[0] ?? '';
  return REMOVED[text.startsWith(`${word}-`) ? `${word}-` : word] ?? REMOVED[word];
}

function providerHints(attachPoint: AttachPoint): readonly string[] {
  const text = attachPoint.parts[0]?.text ?? attachPoint.text;
  const removed = removedProvider(text);
  if (removed !== undefined) return [removed];
  const near = didYouMean(
    text,
    PROVIDERS.flatMap((row) => [row.name, ...row.aliases]),
  );
  return near.length > 0 || attachPoint.parts.length > 1
    ? near
    : ['a probe is provider:name, for example kprobe:vfs_read or tracepoint:sched:sched_switch'];
}

function expandSelf(checker: Checker, point: AttachPointParts): readonly ExpandedSite[] {
  const [kind, signal] = point.parts;
  if (kind !== 'signal' || signal === undefined || !SIGNALS.has(signal)) {
    checker.error(
      'malformed-probe',
      kind === 'signal'
        ? `${signal} is not a supported signal`
        : `self probe must be of the form ${point.provider.form}`,
      point.span,
      { hints: kind === 'signal' ? ['only SIGUSR1 is available'] : [] },
    );
    return [];
  }
  return [
    plainSite({
      provider: 'self',
      signal,
      name: `self:signal:${signal}`,
      span: point.span,
    }),
  ];
}

const SIGNALS = new Set(['SIGUSR1']);
