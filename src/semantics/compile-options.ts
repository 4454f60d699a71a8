/**
 * What the command line says about a program besides its text. Plain data, so that the prompt line, the tests and the
 * command line compile the same way.
 */

/** CompileOptions holds everything about a run that can change what a script means. */
export interface CompileOptions {
  /** Words after the script: `$1`, `$2` … */
  readonly positional: readonly string[];
  /** `--name=value` after `--`; a bare `--name` is `true`. */
  readonly named: ReadonlyMap<string, string | true>;
  /** `-p PID`. */
  readonly pid?: number;
  /** `-c CMD`: `cpid` has a value (`childPid` once it is known). */
  readonly hasCommand: boolean;
  readonly childPid?: number;
  /** `--unsafe`. */
  readonly isUnsafe: boolean;
  /** Environment variables; only `BPFTRACE_*` are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `-k`: failed reads and lookups are reported at run time. */
  readonly runtimeWarnings: boolean;
  /** `-I DIR`. */
  readonly includeDirectories: readonly string[];
  /** `--include FILE`. */
  readonly includes: readonly string[];
  /** Directory of the script's file, for `#include "…"`. */
  readonly scriptDirectory?: string;
  /** The text had syntax errors: what is missing may stand in the part that was skipped. */
  readonly isIncomplete?: boolean;
  /** `--probe-filter REGEX`. */
  readonly probeFilter?: string;
  /** `--no-feature f,…`. */
  readonly disabledFeatures: readonly string[];
  /** `--test` and `--bench`: which probes run besides the others. */
  readonly mode: 'run' | 'test' | 'bench';
  /** cgroup id of a path, for `cgroupid()`; absent: read from the file system. */
  readonly cgroupId?: (path: string) => bigint | undefined;
}

/** DEFAULT_OPTIONS is a run of `bptop -e PROGRAM` without further options. */
export const DEFAULT_OPTIONS: CompileOptions = {
  positional: [],
  named: new Map(),
  hasCommand: false,
  isUnsafe: false,
  env: {},
  runtimeWarnings: false,
  includeDirectories: [],
  includes: [],
  disabledFeatures: [],
  mode: 'run',
};
