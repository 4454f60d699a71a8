/**
 * The options of the command line, one row each: parsing, help and the completion scripts are all made from this table.
 * Names and meanings are bpftrace's where it has the option; the rest is ours and disturbs none of its uses.
 */

export interface CliOption {
  /** Long name, without dashes. */
  readonly name: string;
  readonly short?: string;
  /** Name of the value in help; absent: a switch. */
  readonly value?: string;
  /** The value may be left out: `--check`, `--check=syntax`, `-d`. */
  readonly isValueOptional?: boolean;
  readonly choices?: readonly string[];
  /** May be given several times; values add up. */
  readonly isRepeatable?: boolean;
  readonly group: OptionGroup;
  readonly help: string;
  /** What a shell completes the value with. */
  readonly completes?: 'file' | 'directory' | 'process' | 'command' | 'program';
  /** Accepted, but neither shown in help nor completed. */
  readonly isHidden?: boolean;
}

export type OptionGroup = 'Program' | 'Output' | 'Dashboard' | 'Process' | 'Checking' | 'Other';

export const OUTPUT_FORMATS = ['text', 'json', 'csv', 'folded'] as const;
export const BUFFERING_MODES = ['line', 'full', 'none'] as const;
export const RUN_MODES = ['codegen', 'compiler-bench', 'bench', 'test', 'format'] as const;
/** What `--no-feature` takes. */
export const FEATURES = ['uprobe_multi', 'kprobe_multi', 'kprobe_session'] as const;
export const CHECK_DEPTHS = ['types', 'syntax'] as const;
export const DEBUG_STAGES = [
  'all',
  'parse',
  'ast',
  'types',
  'ir',
  'asm',
  'codegen',
  'codegen-opt',
  'dis',
  'libbpf',
  'verifier',
] as const;

export const OPTIONS = [
  { name: 'execute', short: 'e', value: 'PROGRAM', group: 'Program', completes: 'program', help: 'run this program' },
  {
    name: 'list',
    short: 'l',
    group: 'Program',
    help: 'list probes that match a pattern or that a program has; -v: with arguments',
  },
  {
    name: 'include-dir',
    short: 'I',
    value: 'DIR',
    isRepeatable: true,
    group: 'Program',
    completes: 'directory',
    help: 'search directory for #include',
  },
  {
    name: 'include',
    value: 'FILE',
    isRepeatable: true,
    group: 'Program',
    completes: 'file',
    help: 'add an #include before the program',
  },
  {
    name: 'unsafe',
    short: 'u',
    group: 'Program',
    help: 'allow system(), signal(), override() and other unsafe functions',
  },
  { name: 'probe-filter', value: 'REGEX', group: 'Program', help: 'run only probes that match' },

  {
    name: 'format',
    short: 'f',
    value: 'FORMAT',
    choices: OUTPUT_FORMATS,
    group: 'Output',
    help: 'text, json, csv, or folded (for flame graph tools)',
  },
  {
    name: 'output',
    short: 'o',
    value: 'FILE',
    group: 'Output',
    completes: 'file',
    help: 'write what the program prints to a file',
  },
  {
    name: 'buffering',
    short: 'B',
    value: 'MODE',
    choices: BUFFERING_MODES,
    group: 'Output',
    help: 'line (default), full or none',
  },
  {
    name: 'interval',
    short: 'i',
    value: 'SECONDS',
    group: 'Output',
    help: 'print and clear all maps at this interval',
  },
  { name: 'once', group: 'Output', help: 'print all maps after one interval (default 1 s) and end' },
  { name: 'timestamps', group: 'Output', help: 'add a time stamp to every JSON record' },
  { name: 'quiet', short: 'q', group: 'Output', help: 'do not say how many probes were attached' },
  { name: 'warnings', short: 'k', group: 'Output', help: 'warn of failed reads and map lookups while running' },
  { name: 'no-warnings', group: 'Output', help: 'hide all warnings' },
  { name: 'batch', group: 'Output', help: 'print a bundled tool as text even on a terminal' },

  { name: 'tui', short: 't', group: 'Dashboard', help: 'show the program in the dashboard' },
  {
    name: 'theme',
    value: 'NAME',
    choices: ['dark', 'light', 'contrast', 'mono'],
    group: 'Dashboard',
    help: 'colours: dark (default), light, contrast or mono',
  },
  { name: 'ascii', group: 'Dashboard', help: 'draw with ASCII characters only' },
  {
    name: 'budget',
    value: 'PERCENT',
    group: 'Dashboard',
    help: 'share of one CPU above which a panel is detached (default 5)',
  },

  {
    name: 'pid',
    short: 'p',
    value: 'PID',
    group: 'Process',
    completes: 'process',
    help: 'trace this process; end with it',
  },
  {
    name: 'cmd',
    short: 'c',
    value: 'CMD',
    group: 'Process',
    completes: 'command',
    help: 'run this command, trace it, end with it',
  },

  {
    name: 'check',
    value: 'types|syntax',
    isValueOptional: true,
    choices: CHECK_DEPTHS,
    group: 'Checking',
    help: 'only check the program; needs no root',
  },
  { name: 'fmt', group: 'Checking', help: 'print the program in canonical form; needs no root' },
  { name: 'dry-run', group: 'Checking', help: 'attach all probes, then end' },
  {
    name: 'debug',
    short: 'd',
    value: 'STAGE',
    isValueOptional: true,
    isRepeatable: true,
    choices: DEBUG_STAGES,
    group: 'Checking',
    help: 'show a stage: ast, types, ir, asm, verifier, all',
  },
  { name: 'test', group: 'Checking', help: 'run the test: probes and report' },
  { name: 'bench', group: 'Checking', help: 'run the bench: probes and report' },
  {
    name: 'mode',
    value: 'MODE',
    choices: RUN_MODES,
    group: 'Checking',
    help: 'as --test, --bench, --fmt',
    isHidden: true,
  },

  { name: 'info', group: 'Other', help: 'report what this system and kernel offer' },
  { name: 'verbose', short: 'v', group: 'Other', help: 'say more' },
  { name: 'no-feature', value: 'LIST', group: 'Other', help: 'do without uprobe_multi, kprobe_multi, kprobe_session' },
  { name: 'help', short: 'h', group: 'Other', help: 'show this help; -h: on one screen' },
  { name: 'version', short: 'V', group: 'Other', help: 'show the version' },

  { name: 'btf', short: 'b', group: 'Other', help: 'always on', isHidden: true },
  {
    name: 'debuginfo',
    value: 'DIRS',
    group: 'Other',
    help: 'folders of separate debug files, instead of /usr/lib/debug',
    completes: 'directory',
  },
  {
    name: 'traceable-functions',
    value: 'FILE',
    group: 'Other',
    completes: 'file',
    help: 'list of kernel functions instead of the one of tracefs',
  },
  {
    name: 'usdt-file-activation',
    group: 'Other',
    help: 'always on: the kernel counts who uses a marker',
    isHidden: true,
  },
  {
    name: 'dwarf-pid',
    value: 'PID',
    group: 'Other',
    help: 'no effect: stacks are unwound by frame pointers',
    isHidden: true,
  },
  { name: 'emit-elf', value: 'FILE', group: 'Other', help: 'not supported', isHidden: true },
  { name: 'emit-llvm', value: 'FILE', group: 'Other', help: 'not supported', isHidden: true },
  { name: 'aot', value: 'FILE', group: 'Other', help: 'not supported', isHidden: true },
  { name: 'verify-llvm-ir', group: 'Other', help: 'not supported', isHidden: true },
] as const satisfies readonly CliOption[];

export type OptionName = (typeof OPTIONS)[number]['name'];

/** Words that stand in place of a script. */
export const SUBCOMMANDS = [
  { name: 'tools', usage: 'tools [show NAME]', help: 'list the bundled tools, or print one' },
  { name: 'replay', usage: 'replay FILE', help: 'open a recording in the dashboard' },
  { name: 'completion', usage: 'completion bash|zsh|fish', help: 'print a completion script for a shell' },
] as const;

/** Options that bpftrace has because of its own compiler. */
export const UNSUPPORTED: { readonly [name: string]: string | undefined } = {
  'emit-elf': 'bptop loads what it compiles directly and writes no object files',
  'emit-llvm': 'bptop compiles without LLVM; `-d ir` and `-d asm` show its stages',
  aot: 'bptop compiles in milliseconds, so there is no ahead-of-time mode',
  'verify-llvm-ir': 'bptop compiles without LLVM; `-d ir` shows its checked intermediate code',
};
