/**
 * Bundles bptop into dist/: `headless.cjs`, everything but the dashboard, with the code that V8 made of it kept beside it,
 * so that a one-liner compiles no JavaScript; `dashboard/`, Ink and the
 * views, loaded on demand. Native packages stay outside and are found in node_modules.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = join(root, 'dist');

/** What the command line imports of the dashboard, each on demand. */
const DASHBOARD_ENTRIES = ['tui/open-dashboard.ts', 'tui/replay.tsx', 'tui/config.ts'];

/** Exercises the usual way through the program, so that its functions are in the code cache; without root as far as it goes. */
const WARM_UP = [
  '--no-warnings',
  '-q',
  '-e',
  'BEGIN { @a = count(); @h = hist(1); @x[comm, pid] = sum(2); printf("%s %d\\n", comm, pid); print(@x); exit(); }',
];

/** buildBundle writes dist/; throws with esbuild's messages when the sources do not bundle. */
export async function buildBundle() {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const common = {
    absWorkingDir: root,
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
    build({
      ...common,
      entryPoints: ['src/cli/main.ts'],
      outfile: join(dist, 'headless.cjs'),
      format: 'cjs',
      define: { ...define, 'import.meta.url': 'bptopModuleUrl' },
      plugins: [{ name: 'dashboard-apart', setup: keepDashboardApart }],
    }),
    build({
      ...common,
      entryPoints: DASHBOARD_ENTRIES,
      outdir: join(dist, 'dashboard'),
      outbase: 'tui',
      outExtension: { '.js': '.mjs' },
      chunkNames: 'chunks/[name]-[hash]',
      splitting: true,
      format: 'esm',
      define,
      alias: { 'react-devtools-core': './src/setup/empty-module.mjs' },
      banner: {
        js: [
          "import { createRequire as bptopCreateRequire } from 'node:module';",
          'const require = bptopCreateRequire(import.meta.url);',
        ].join('\n'),
      },
    }),
  ]);
  mkdirSync(dist, { recursive: true });
  writeFileSync(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
  importThroughLauncher(join(dist, 'headless.cjs'));
  writeFileSync(join(dist, 'bptop.js'), LAUNCHER, { mode: 0o755 });
  writeCodeCache();
}

/** esbuild plugin: imports of the dashboard become imports of its own bundle. */
function keepDashboardApart({ onResolve }) {
  onResolve({ filter: /\/tui\// }, ({ path, kind }) => {
    if (kind !== 'dynamic-import') return undefined;
    const name = basename(path).replace(/\.tsx?$/, '.mjs');
    return { path: `./dashboard/${name}`, external: true };
  });
}

/** A script from a code cache has lost the loader that `import()` asks for, so the launcher lends its own. */
function importThroughLauncher(file) {
  const text = readFileSync(file, 'utf8');
  const changed = text.replaceAll('import("./dashboard/', 'bptopImport("./dashboard/');
  if (changed === text) throw new Error('the bundle imports no dashboard');
  writeFileSync(file, changed);
}

/** Best effort: without a cache bptop starts slower, and is otherwise the same. */
function writeCodeCache() {
  spawnSync(process.execPath, [join(dist, 'bptop.js'), ...WARM_UP], {
    env: { ...process.env, BPTOP_WRITE_CODE_CACHE: '1' },
    stdio: 'ignore',
    timeout: 30_000,
  });
}

/** V8 refuses a cache of another version or of other flags by itself. */
const LAUNCHER = `#!/usr/bin/env node
'use strict';
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const vm = require('node:vm');
const file = join(__dirname, 'headless.cjs');
const cacheFile = join(__dirname, 'headless.cache');
const source = \`(function (exports, require, module, __filename, __dirname, bptopModuleUrl, bptopImport) {\${readFileSync(file, 'utf8')}
})\`;
let cachedData;
try {
  cachedData = readFileSync(cacheFile);
} catch {}
const script = new vm.Script(source, { filename: file, cachedData });
const importModule = (name) => import(pathToFileURL(join(__dirname, name)).href);
if (process.env.BPTOP_WRITE_CODE_CACHE) {
  process.on('exit', () => writeFileSync(cacheFile, script.createCachedData()));
}
const module_ = { exports: {} };
const run = script.runInThisContext();
run(module_.exports, require, module_, file, __dirname, pathToFileURL(file).href, importModule);
`;

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildBundle();
