/** What the command line says that can change the meaning of a script. */

import type { CompileRequest } from '../run/compile-script.ts';
import type { CommandLine } from './command-line.ts';

/** compileOptions collects it; `childPid` is that of `-c`, once it exists. */
export function compileOptions(commandLine: CommandLine, childPid?: number): CompileRequest {
  const { flags, positional, named, program } = commandLine;
  return {
    positional,
    named,
    hasCommand: flags.cmd !== undefined,
    isUnsafe: flags.unsafe,
    env: process.env,
    runtimeWarnings: flags.warnings,
    includeDirectories: flags['include-dir'],
    includes: flags.include,
    disabledFeatures: flags['no-feature']?.split(',') ?? [],
    mode: flags.test || flags.mode === 'test' ? 'test' : flags.bench || flags.mode === 'bench' ? 'bench' : 'run',
    ...(program?.kind === 'file' && program.value !== '-' && { path: program.value }),
    ...(flags.pid !== undefined && { pid: Number(flags.pid) }),
    ...(childPid !== undefined && { childPid }),
    ...(flags['probe-filter'] !== undefined && { probeFilter: flags['probe-filter'] }),
  };
}
