/** What the command line says that can change the meaning of a script. */

import type { CompileOptions } from '../semantics/compile-options.ts';
import type { CommandLine } from './command-line.ts';

/** compileOptions collects it; `childPid` is that of `-c`, once it exists. */
export function compileOptions(commandLine: CommandLine, childPid?: number): CompileOptions {
  const { flags, positional, named } = commandLine;
  return {
    positional,
    named,
    hasCommand: flags.cmd !== undefined,
    isUnsafe: flags.unsafe,
    env: process.env,
    runtimeWarnings: flags.warnings,
    includeDirectories: flags['include-dir'],
    includes: flags.include,
    disabledFeatures: flags['no-feature']?.split(',').filter((feature) => feature !== '') ?? [],
    mode: flags.test || flags.mode === 'test' ? 'test' : flags.bench || flags.mode === 'bench' ? 'bench' : 'run',
    ...(flags.pid !== undefined && { pid: Number(flags.pid) }),
    ...(childPid !== undefined && { childPid }),
    ...(flags['probe-filter'] !== undefined && { probeFilter: flags['probe-filter'] }),
  };
}
