/**
 * Runs test files in a virtual machine with another kernel: bundles them into one program, since every start of Node takes
 * half a minute under emulation, boots once, and reads the results. `test/vm/run` does the booting.
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import type { GuestResult } from './results.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RUN = join(ROOT, 'test', 'vm', 'run');
const TIMEOUT_S = 1200;
/** The runner's own status for a machine that could not be had or did not boot. */
const MACHINE_FAILED = 125;

/** Set for the tests within: what is a matter of speed is asked for in smaller amounts there. */
const IS_EMULATED = 'BPTOP_EMULATED';

export interface MachineRun {
  readonly results: readonly GuestResult[];
  /** Why the machine could not be had, in the runner's words. */
  readonly unavailable?: string;
  /** Set if the tests did not come to their end. */
  readonly failure?: string;
}

/** runInMachine runs test files, given relative to the project, on that kernel. */
export async function runInMachine(kernel: string, files: readonly string[]): Promise<MachineRun> {
  if (process.getuid?.() !== 0) return { results: [], unavailable: 'it needs root' };
  const folder = mkdtempSync(join(tmpdir(), 'bptop-guest-'));
  try {
    const program = await bundle(files, folder);
    const { stdout, stderr, status } = await run([
      RUN,
      ...['--kernel', kernel, '--timeout', String(TIMEOUT_S)],
      ...['--', process.execPath, '--no-warnings', program],
    ]);
    const results = stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as GuestResult);
    if (status === 0) return { results };
    if (status === MACHINE_FAILED && results.length === 0) return { results, unavailable: stderr };
    return { results, failure: `status ${status}\n${stderr.slice(-4000)}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Modules find the files beside their sources, not beside the bundle. */
const SOURCE_URLS: Plugin = {
  name: 'source-urls',
  setup({ onLoad }) {
    onLoad({ filter: /\/(src|native|test)\/.*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
      loader: 'ts',
    }));
  },
};

async function bundle(files: readonly string[], folder: string): Promise<string> {
  const imports = files.map((file) => `${JSON.stringify(file)}: () => import(${JSON.stringify(join(ROOT, file))})`);
  const output = join(folder, 'out');
  await build({
    stdin: {
      contents: `import { runTestFiles } from './test/vm/guest/run.ts';
        await runTestFiles({ ${imports.join(', ')} });
        process.exit(0);`,
      resolveDir: ROOT,
    },
    outdir: output,
    entryNames: 'main',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'warning',
    absWorkingDir: ROOT,
    plugins: [SOURCE_URLS],
    alias: { vitest: join(ROOT, 'test/vm/guest/vitest.ts') },
    external: ['ffi-rs', '@napi-rs/lzma'],
    define: { BPTOP_VERSION: '"test"' },
    banner: {
      js: `import { createRequire as bptopCreateRequire } from 'node:module';
        const require = bptopCreateRequire(${JSON.stringify(pathToFileURL(join(ROOT, 'package.json')).href)});`,
    },
  });
  // Packages outside the bundle are found from where it lies.
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return join(output, 'main.mjs');
}

interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

function run([command = '', ...args]: readonly string[]): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const env = { BPTOP_DIFFERENTIAL_PROGRAMS: '40', ...process.env, [IS_EMULATED]: '1' };
    const child = spawn(command, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ stdout, stderr, status: code ?? 1 }));
  });
}
