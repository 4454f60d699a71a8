/**
 * Config variables (language.md §14): one table of names, defaults and rules; read from the `config` block and from
 * `BPFTRACE_*` in the environment, which wins.
 */

import type { DiagnosticList, Span } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/nearest.ts';
import type { ConfigBlock } from '../language/ast.ts';
import type { CompileOptions } from './compile-options.ts';
import type { ProgramConfig } from './program.ts';

type ConfigValue = bigint | string | boolean;

interface ConfigRow {
  readonly field: keyof ProgramConfig | undefined;
  readonly kind: 'integer' | 'boolean' | 'string' | 'choice';
  readonly choices?: readonly string[];
  readonly doc: string;
}

const LICENSES = ['GPL', 'GPL v2', 'GPL and additional rights', 'Dual BSD/GPL', 'Dual MIT/GPL', 'Dual MPL/GPL'];
const UNSTABLE = ['enable', 'warn', 'error'];

/** CONFIG_KEYS has one row per config variable; feeds the check, completion and help. */
export const CONFIG_KEYS: Readonly<Record<string, ConfigRow>> = {
  cache_user_symbols: {
    field: 'cacheUserSymbols',
    kind: 'choice',
    choices: ['PER_PID', 'PER_PROGRAM', 'NONE'],
    doc: 'how long user symbols are kept',
  },
  cpp_demangle: {
    field: 'cppDemangle',
    kind: 'boolean',
    doc: 'demangle C++ symbols',
  },
  lazy_symbolication: {
    field: 'lazySymbolication',
    kind: 'boolean',
    doc: 'resolve symbols only when printed',
  },
  license: {
    field: 'license',
    kind: 'choice',
    choices: LICENSES,
    doc: 'license given to the kernel',
  },
  log_size: {
    field: 'logSize',
    kind: 'integer',
    doc: 'bytes of the verifier log',
  },
  max_bpf_progs: {
    field: 'maxBpfProgs',
    kind: 'integer',
    doc: 'most BPF programs of one script',
  },
  max_cat_bytes: {
    field: 'maxCatBytes',
    kind: 'integer',
    doc: 'most bytes that cat() prints',
  },
  max_map_keys: {
    field: 'maxMapKeys',
    kind: 'integer',
    doc: 'capacity of a map',
  },
  max_probes: {
    field: 'maxProbes',
    kind: 'integer',
    doc: 'most probes of one script',
  },
  max_strlen: {
    field: 'maxStrlen',
    kind: 'integer',
    doc: 'capacity of strings read by str()',
  },
  missing_probes: {
    field: 'missingProbes',
    kind: 'choice',
    choices: ['error', 'warn', 'ignore'],
    doc: 'what to do about probes that cannot attach',
  },
  on_stack_limit: {
    field: 'onStackLimit',
    kind: 'integer',
    doc: 'bytes of the largest value kept on the stack',
  },
  perf_rb_pages: {
    field: 'perfRbPages',
    kind: 'integer',
    doc: 'pages of the event buffer per CPU',
  },
  print_maps_on_exit: {
    field: 'printMapsOnExit',
    kind: 'boolean',
    doc: 'print all maps at the end',
  },
  show_debug_info: {
    field: 'showDebugInfo',
    kind: 'boolean',
    doc: 'file and line in stacks, where there is debug information',
  },
  use_blazesym: {
    field: undefined,
    kind: 'boolean',
    doc: 'accepted, without effect',
  },
  stack_mode: {
    field: 'stackMode',
    kind: 'choice',
    choices: ['bpftrace', 'perf', 'raw', 'build_id'],
    doc: 'default format of stacks',
  },
  str_trunc_trailer: {
    field: 'strTruncTrailer',
    kind: 'string',
    doc: 'put behind truncated strings',
  },
  unstable_import_statement: {
    field: undefined,
    kind: 'choice',
    choices: UNSTABLE,
    doc: 'import inside a block',
  },
  unstable_typeinfo: {
    field: undefined,
    kind: 'choice',
    choices: UNSTABLE,
    doc: 'typeinfo()',
  },
  unstable_tseries: {
    field: undefined,
    kind: 'choice',
    choices: UNSTABLE,
    doc: 'tseries()',
  },
  unstable_dw_ustack: {
    field: undefined,
    kind: 'choice',
    choices: UNSTABLE,
    doc: 'dw_ustack()',
  },
};

const RENAMED: Readonly<Record<string, string>> = {
  strlen: 'max_strlen',
  no_cpp_demangle: 'cpp_demangle',
  cat_bytes_max: 'max_cat_bytes',
  map_keys_max: 'max_map_keys',
};

const IGNORED = new Set([
  'symbol_source',
  'max_type_res_iterations',
  'max_ast_nodes',
  'unstable_addr',
  'unstable_import',
  'unstable_macro',
  'unstable_map_decl',
]);

/** Environment variables that are no config variables. */
const ENVIRONMENT_ONLY = new Set([
  'btf',
  'kernel_source',
  'kernel_build',
  'vmlinux',
  'color',
  'dummy_ts_map',
  'notify_probes_attached',
]);

const DEFAULT_CONFIG: ProgramConfig = {
  license: 'GPL',
  maxMapKeys: 4096,
  maxStrlen: 1024,
  maxProbes: 1024,
  maxBpfProgs: 1024,
  maxCatBytes: 10240,
  onStackLimit: 32,
  logSize: 1000000,
  printMapsOnExit: true,
  strTruncTrailer: '..',
  stackMode: 'bpftrace',
  missingProbes: 'error',
  cppDemangle: true,
  lazySymbolication: true,
  cacheUserSymbols: 'PER_PID',
  showDebugInfo: true,
  runtimeWarnings: false,
};

/** Config is what the rest of the stage asks: the program's values and the switches for unstable features. */
export interface Config {
  readonly program: ProgramConfig;
  /** `unstable_*` values: `enable`, `warn` or `error`. */
  readonly unstable: ReadonlyMap<string, string>;
}

/** readConfig merges defaults, the config blocks and the environment, reporting what it cannot use. */
export function readConfig(
  blocks: readonly ConfigBlock[],
  options: CompileOptions,
  diagnostics: DiagnosticList,
): Config {
  const values = new Map<string, ConfigValue>();
  const read = (written: string, value: ConfigValue, span?: Span, valueSpan?: Span) => {
    const entry = readEntry(written, value, diagnostics, span, valueSpan);
    if (entry !== undefined) values.set(entry.name, entry.value);
  };
  for (const block of blocks) {
    for (const entry of block.entries) read(entry.name, entry.value, entry.span, entry.valueSpan);
  }
  for (const [name, value] of Object.entries(options.env)) {
    if (!name.startsWith('BPFTRACE_') || value === undefined) continue;
    const key = name.slice('BPFTRACE_'.length).toLowerCase();
    // The environment is shared with other programs and versions: a name that is not ours is not an error.
    if (key in CONFIG_KEYS || key in RENAMED) read(key, value);
  }
  if (options.hasCommand && !values.has('cache_user_symbols')) values.set('cache_user_symbols', 'PER_PROGRAM');
  const program: Record<string, unknown> = {
    ...DEFAULT_CONFIG,
    runtimeWarnings: options.runtimeWarnings,
  };
  const unstable = new Map([
    ['unstable_import_statement', 'error'],
    ['unstable_typeinfo', 'error'],
    ['unstable_tseries', 'warn'],
    ['unstable_dw_ustack', 'warn'],
  ]);
  for (const [name, value] of values) {
    const field = CONFIG_KEYS[name]?.field;
    if (field !== undefined) program[field] = typeof value === 'bigint' ? Number(value) : value;
    else if (unstable.has(name)) unstable.set(name, String(value));
  }
  return { program: program as unknown as ProgramConfig, unstable };
}

function readEntry(
  written: string,
  value: ConfigValue,
  diagnostics: DiagnosticList,
  span?: Span,
  valueSpan?: Span,
): { name: string; value: ConfigValue } | undefined {
  let name = written.toLowerCase();
  if (name.startsWith('bpftrace_')) name = name.slice('bpftrace_'.length);
  if (IGNORED.has(name)) {
    diagnostics.warning('deprecated-config', `config variable '${name}' has no effect any more`, span);
    return undefined;
  }
  const renamed = RENAMED[name];
  if (renamed !== undefined) {
    diagnostics.warning('renamed-config', `config variable '${name}' is now called '${renamed}'`, span);
  }
  const row = CONFIG_KEYS[renamed ?? name];
  if (row === undefined) {
    if (ENVIRONMENT_ONLY.has(name)) {
      diagnostics.error('environment-only-config', `${name} can only be set as an environment variable`, span);
    } else {
      diagnostics.error('unknown-config', `Unrecognized config variable: ${name}`, span, {
        hints: didYouMean(name, Object.keys(CONFIG_KEYS)),
      });
    }
    return undefined;
  }
  const converted = convertValue(row, value);
  if (converted === undefined) {
    diagnostics.error('invalid-config', invalidValue(renamed ?? name, row, value), valueSpan ?? span);
    return undefined;
  }
  // The old name says the opposite.
  if (name === 'no_cpp_demangle') return { name: 'cpp_demangle', value: !converted };
  return { name: renamed ?? name, value: converted };
}

function convertValue(row: ConfigRow, value: ConfigValue): ConfigValue | undefined {
  switch (row.kind) {
    case 'integer':
      if (typeof value === 'bigint') return value;
      return typeof value === 'string' && /^(0x[0-9a-f]+|[0-9]+)$/i.test(value) ? BigInt(value) : undefined;
    case 'boolean':
      return toBoolean(value);
    case 'string':
      return typeof value === 'string' ? value : undefined;
    case 'choice':
      if (typeof value !== 'string') return undefined;
      // PER_PID and its like may also be given as the numbers and booleans of old versions.
      return row.choices?.find((choice) => choice.toLowerCase() === value.toLowerCase());
  }
}

function toBoolean(value: ConfigValue): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = String(value).toLowerCase();
  if (text === '1' || text === 'true') return true;
  return text === '0' || text === 'false' ? false : undefined;
}

function invalidValue(name: string, row: ConfigRow, value: ConfigValue): string {
  const expected =
    row.kind === 'choice'
      ? `valid values are: ${row.choices?.join(', ')}`
      : `expected ${row.kind === 'integer' ? 'an integer' : row.kind === 'boolean' ? 'true or false' : 'a string'}`;
  return `Invalid value for ${name}: '${value}', ${expected}`;
}
