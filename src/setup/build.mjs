/**
 * Bundles bptop into dist/: `headless.cjs`, everything but the dashboard, and `check.cjs`, the part that checks and formats,
 * with the code that V8 made of them kept beside them, so that a one-liner compiles no JavaScript; `dashboard/`, Ink and the
 * views, loaded on demand. Native packages stay outside and are found in node_modules.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { keepDashboardApart, loadLate, loadSourcesLate, requireAsGiven, trimMeow } from './bundle-plugins.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = join(root, 'dist');

/** Bundles that the launcher chooses from: all without the dashboard, and what checks and formats scripts. */
const LAUNCHED = { headless: 'src/cli/main.ts', check: 'src/cli/main-check.ts' };

/** What the command line imports of the dashboard, each on demand. */
const DASHBOARD_ENTRIES = ['tui/open-dashboard.ts', 'tui/replay.tsx', 'tui/config.ts'];

/**
 * A shell starts Node.js, to which the second line is a word and a comment. With NODE_EXTRA_CA_CERTS set Node.js parses every
 * certificate of the system before it starts (50 ms), and bptop speaks no TLS. The interrupt budget is how much code runs
 * before V8 optimises it: three times of what it would take, and ten times for checks, as a start would spend a quarter of its
 * CPU time on machine code that is hardly used. While another thread optimised a loop, that would go on at its slowest, and
 * then be optimised once more. All threads share one arena: each of the C library's keeps what was freed in it, twenty
 * megabytes in a dashboard that names stacks; and one helper of V8's, of its four, does all that there is to do beside the
 * main thread: each has memory of its own, and on few CPUs they only get in the way. The young generation is small where
 * bptop stays, and large where it ends before it would have to be collected; it does not grow unless the dashboard lets it
 * (`tui/memory.ts`).
 */
const SHELL_LINES = `#!/bin/sh
':' //; case "$*" in *--check*|*--fmt*) bptop_flags="--min-semi-space-size=4 --max-semi-space-size=8 --interrupt-budget=600000" ;; *) bptop_flags="--min-semi-space-size=2 --max-semi-space-size=4 --semi-space-growth-factor=1 --interrupt-budget=200000" ;; esac; BPTOP_CA_CERTS="$NODE_EXTRA_CA_CERTS" NODE_EXTRA_CA_CERTS= BPTOP_ARENAS="$MALLOC_ARENA_MAX" MALLOC_ARENA_MAX=1 exec node $bptop_flags --no-concurrent-recompilation --v8-pool-size=1 "$0" "$@"
`;

/**
 * Runs that leave their functions in the code cache, one after the other, each on the cache of those before it: the way of
 * a plain run, and of reading and checking scripts, which have a cache of their own (`launcher.cjs`). Without root as far as
 * they go.
 */
const WARM_UP = [
  [
    '-q',
    '-e',
    'BEGIN { @a = count(); @h = hist(1); @x[comm, pid] = sum(2); printf("%s %d\\n", comm, pid); print(@x); exit(); }',
  ],
  ['-q', '-e', 'tracepoint:raw_syscalls:sys_enter { @[comm, args.id] = count(); printf("x\\n"); exit(); }'],
  ['--check', join(root, 'src/setup/warm-up.bt')],
  ['-d', 'codegen', join(root, 'src/setup/warm-up.bt')],
  ['-d', 'codegen', join(root, 'src/setup/warm-up-findings.bt')],
  ['--check', join(root, 'src/setup/warm-up-findings.bt')],
  // Once more: those before indexed the kernel's types, these read the index.
  ['--check', join(root, 'src/setup/warm-up.bt')],
  ['-d', 'codegen', join(root, 'src/setup/warm-up.bt')],
];

/** buildBundle writes dist/; throws with esbuild's messages when the sources do not bundle. */
export async function buildBundle() {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const common = {
    absWorkingDir: root,
    // Rules are what we take of it; its index would load all of its parsers.
    alias: { 'typescript-parsec': 'typescript-parsec/lib/Parsers/Rule.js' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    jsx: 'automatic',
    minify: true,
    legalComments: 'none',
    logLevel: 'error',
    external: ['ffi-rs', 'blessed', 'blessed-contrib'],
  };
  const define = { 'process.env.NODE_ENV': '"production"', BPTOP_VERSION: JSON.stringify(version) };
  rmSync(dist, { recursive: true, force: true });
  await Promise.all([
    ...Object.entries(LAUNCHED).map(([name, entry]) =>
      build({
        ...common,
        entryPoints: [entry],
        outfile: join(dist, `${name}.cjs`),
        format: 'cjs',
        define: { ...define, 'import.meta.url': 'bptopModuleUrl' },
        plugins: [keepDashboardApart, loadLate, loadSourcesLate, requireAsGiven, trimMeow],
      }),
    ),
    build({
      ...common,
      entryPoints: DASHBOARD_ENTRIES,
      outdir: join(dist, 'dashboard'),
      outbase: 'tui',
      outExtension: { '.js': '.mjs' },
      chunkNames: 'chunks/[name]-[hash]',
      splitting: true,
      format: 'esm',
      // Yoga would fetch what it has in hand, by Node.js's whole web client.
      define: { ...define, BPTOP_NAME_WORKER: '"./name-worker.cjs"', fetch: 'undefined' },
      alias: { ...common.alias, 'react-devtools-core': './src/setup/empty-module.mjs' },
      banner: {
        js: [
          "import { createRequire as bptopCreateRequire } from 'node:module';",
          'const require = bptopCreateRequire(import.meta.url);',
        ].join('\n'),
      },
    }),
    build({
      ...common,
      entryPoints: ['src/symbols/name-worker.ts'],
      outfile: join(dist, 'dashboard', 'name-worker.cjs'),
      format: 'cjs',
      define: { ...define, 'import.meta.url': 'bptopModuleUrl' },
      banner: { js: "const bptopModuleUrl = require('node:url').pathToFileURL(__filename).href;" },
    }),
  ]);
  mkdirSync(dist, { recursive: true });
  writeFileSync(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
  for (const name of Object.keys(LAUNCHED)) wrapForLauncher(join(dist, `${name}.cjs`));
  const launcher = readFileSync(join(root, 'src/setup/launcher.cjs'), 'utf8');
  writeFileSync(join(dist, 'bptop.js'), SHELL_LINES + launcher, { mode: 0o755 });
  writeCodeCache();
}

/**
 * The bundle becomes a function of what a module is given. A script from a code cache has lost the loader that `import()`
 * asks for, so the launcher lends its own.
 */
function wrapForLauncher(file) {
  // esbuild leaves regular expressions as they are; one letter beyond ASCII would double what the text takes.
  const text = readFileSync(file, 'utf8').replace(/[^\0-\x7f]/g, escaped);
  const changed = text.replaceAll('import("./dashboard/', 'bptopImport("./dashboard/');
  const parameters = 'exports, require, module, __filename, __dirname, bptopModuleUrl, bptopImport, bptopStartOver';
  writeFileSync(file, `(function (${parameters}) {${changed}\n})`);
}

/** The letter as JavaScript escapes it, by unit of UTF-16. */
function escaped(letter) {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * Best effort: without a cache bptop starts slower, and is otherwise the same. As on a machine where it never ran, so that
 * what indexes the kernel's types is among what runs.
 */
function writeCodeCache() {
  const folder = mkdtempSync(join(tmpdir(), 'bptop-build-'));
  for (const args of WARM_UP) {
    spawnSync(join(dist, 'bptop.js'), ['--no-warnings', ...args], {
      env: { ...process.env, BPTOP_WRITE_CODE_CACHE: '1', XDG_CACHE_HOME: join(folder, args[0]) },
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: Number.POSITIVE_INFINITY,
      timeout: 10_000,
    });
  }
  rmSync(folder, { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildBundle();
