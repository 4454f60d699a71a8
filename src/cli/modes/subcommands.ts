/**
 * Words in place of a script: the bundled tools, recordings, completion scripts. Each is a row.
 */

import type { CommandLine } from '../command-line.ts';
import { fail, writeAll } from '../console.ts';

type Subcommand = (args: readonly string[], commandLine: CommandLine) => number | Promise<number>;

const SUBCOMMAND_RUNS: { readonly [name: string]: Subcommand | undefined } = {
  completion: runCompletion,
  replay: async (args, commandLine) => {
    const { runReplay } = await import('./dashboard.ts');
    return runReplay(args, commandLine);
  },
  tools: async (args) => {
    const { runTools } = await import('./tools.ts');
    return runTools(args);
  },
};

/** runSubcommand runs `bptop WORD …`; a word that is no row is a tool's name. */
export async function runSubcommand(commandLine: CommandLine): Promise<number> {
  const { name, args } = commandLine.subcommand ?? { name: '', args: [] };
  const run = SUBCOMMAND_RUNS[name];
  if (run) return run(args, commandLine);
  const { runTool } = await import('./tools.ts');
  return runTool(name, args, commandLine);
}

const SHELLS: { readonly [shell: string]: (() => Promise<string>) | undefined } = {
  bash: async () => (await import('../completion/bash.ts')).bashCompletion(),
  zsh: async () => (await import('../completion/zsh.ts')).zshCompletion(),
  fish: async () => (await import('../completion/fish.ts')).fishCompletion(),
};

async function runCompletion(args: readonly string[]): Promise<number> {
  const script = SHELLS[args[0] ?? ''];
  if (!script)
    return fail('usage', 'which shell? bptop completion bash, zsh or fish', 'source <(bptop completion bash)');
  writeAll(1, await script());
  return 0;
}
