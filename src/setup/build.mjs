/**
 * Bundles the command line and, as chunks of its own that only the dashboard loads, Ink and the views. Native and
 * dynamically requiring packages stay outside and are found in node_modules.
 */

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** buildBundle writes dist/; throws with esbuild's messages when the sources do not bundle. */
export async function buildBundle() {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: { bptop: 'src/cli/main.ts' },
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    jsx: 'automatic',
    minify: true,
    keepNames: false,
    legalComments: 'none',
    logLevel: 'warning',
    external: ['ffi-rs', 'blessed', 'blessed-contrib'],
    define: {
      'process.env.NODE_ENV': '"production"',
      BPTOP_VERSION: JSON.stringify(version),
    },
    alias: { 'react-devtools-core': './src/setup/empty-module.mjs' },
    banner: {
      js: [
        '#!/usr/bin/env node',
        "import { createRequire as bptopCreateRequire } from 'node:module';",
        'const require = bptopCreateRequire(import.meta.url);',
      ].join('\n'),
    },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildBundle();
