/**
 * `--info`: what this system and its kernel offer, for bug reports and for the question why something does not work.
 */

import { readFileSync } from 'node:fs';
import { machine, release, version } from 'node:os';
import type { KernelFacts } from '../../kernel/facts.ts';
import type { CommandLine } from '../command-line.ts';
import { writeAll } from '../console.ts';
import { openFacts } from '../kernel-facts.ts';
import { missingPrivilege } from '../privileges.ts';
import { bptopVersion } from '../version.ts';

interface Section {
  readonly title: string;
  readonly rows: (facts: KernelFacts) => readonly (readonly [name: string, value: string | boolean])[];
}

const helpers =
  (programType: string, ...names: readonly string[]): Section['rows'] =>
  (facts) =>
    names.map((name) => [name, facts.features.hasHelper(name, programType)] as const);

const features =
  (names: Readonly<Record<string, string>>): Section['rows'] =>
  (facts) =>
    Object.entries(names).map(([feature, label]) => [label, facts.features.has(feature)] as const);

const SECTIONS: readonly Section[] = [
  {
    title: 'System',
    rows: (facts) => [
      ['OS', `Linux ${release()} ${version()}`],
      ['Distribution', distribution()],
      ['Arch', machine()],
      ['CPUs', `${facts.onlineCpus.length} online, ${facts.possibleCpus} possible`],
      ['Privileges', missingPrivilege() === undefined],
    ],
  },
  {
    title: 'Build',
    rows: () => [
      ['version', `bptop v${bptopVersion()}`],
      ['Node.js', process.version],
      ['compiler', 'built in, without LLVM'],
    ],
  },
  {
    title: 'Kernel helpers',
    rows: helpers(
      'tracepoint',
      'probe_read',
      'probe_read_str',
      'probe_read_user',
      'probe_read_user_str',
      'probe_read_kernel',
      'probe_read_kernel_str',
      'get_current_cgroup_id',
      'send_signal',
      'override_return',
      'ktime_get_boot_ns',
      'ktime_get_tai_ns',
      'get_func_ip',
      'get_attach_cookie',
      'get_ns_current_pid_tgid',
      'for_each_map_elem',
      'map_lookup_percpu_elem',
      'loop',
      'd_path',
      'skb_output',
    ),
  },
  {
    title: 'Kernel features',
    rows: (facts) => [
      ['btf', facts.types.isAvailable],
      ['tracefs', facts.tracepoints.categories().length > 0],
      ...features({
        raw_tp_btf: 'typed raw tracepoints',
        perf_link: 'perf event links',
        tracepoint_cookie: 'attach cookies',
        perf_hardware: 'hardware counters',
      })(facts),
    ],
  },
  {
    title: 'Map types',
    rows: (facts) =>
      [
        'hash',
        'lru_hash',
        'percpu_hash',
        'lru_percpu_hash',
        'array',
        'percpu_array',
        'stack_trace',
        'perf_event_array',
        'ringbuf',
      ].map((kind) => [kind, facts.features.hasMapKind(kind)] as const),
  },
  {
    title: 'Probe types',
    rows: features({
      kprobe: 'kprobe',
      kprobe_multi: 'kprobe_multi',
      kprobe_session: 'kprobe_session',
      uprobe: 'uprobe',
      uprobe_multi: 'uprobe_multi',
      fentry: 'fentry',
      iter: 'iter',
    }),
  },
];

/** runInfo prints the report. */
export function runInfo({ flags }: CommandLine): number {
  const facts = openFacts(flags);
  let text = '';
  for (const { title, rows } of SECTIONS) {
    text += `${title}\n`;
    for (const [name, value] of rows(facts))
      text += `  ${name}: ${typeof value === 'string' ? value : value ? 'yes' : 'no'}\n`;
    text += '\n';
  }
  const problems = facts.problems();
  if (problems.length > 0) text += `Problems\n${problems.map((problem) => `  ${problem}\n`).join('')}`;
  writeAll(1, text);
  return 0;
}

function distribution(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}
