/**
 * esbuild plugins that keep start-up short: the dashboard stays a bundle of its own, modules of Node.js that a plain run
 * never uses load with the first call, and meow sheds what it prepares for reading package files. Each says so if what it
 * changes is no longer there.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';

const require = createRequire(import.meta.url);

/** keepDashboardApart makes imports of the dashboard imports of its own bundle. */
export const keepDashboardApart = {
  name: 'dashboard-apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/tui\// }, ({ path, kind }) => {
      if (kind !== 'dynamic-import') return undefined;
      const name = basename(path).replace(/\.tsx?$/, '.mjs');
      return { path: `./dashboard/${name}`, external: true };
    });
  },
};

/** requireAsGiven makes `createRequire` give the `require` that the bundle was given, which resolves from the same place. */
export const requireAsGiven = {
  name: 'require-as-given',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:module$/ }, ({ path, importer }) =>
      importer.includes('node_modules') ? undefined : { path, namespace: 'given' },
    );
    onLoad({ filter: /./, namespace: 'given' }, () => ({
      contents: 'export const createRequire = () => require;',
      loader: 'js',
    }));
  },
};

/** Loading these costs milliseconds each (child_process and tty bring sockets and streams), and a plain run calls none. */
const LATE_MODULES = /^node:(?:child_process|net|tty|zlib)$/;

/** loadLate makes each function of such a module one that loads the module when called; types are erased before. */
export const loadLate = {
  name: 'load-late',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: LATE_MODULES }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'late' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'late' }, ({ path }) => {
      const functions = Object.entries(require(path)).filter(([, value]) => typeof value === 'function');
      const lines = functions.map(
        ([name]) => `export function ${name}(...args) { return require('${path}').${name}(...args); }`,
      );
      return { contents: lines.join('\n'), loader: 'js' };
    });
  },
};

/**
 * What meow 14 does when it is loaded, and what is left of it: we hand it our package, parse no JSON with it, and our
 * options are ASCII, so that no tables of Unicode have to be compiled into expressions.
 */
const MEOW_CHANGES = [
  ['var libExports = requireLib$1();', 'var libExports = {};'],
  ['var normalizeExports = requireNormalize();', 'var normalizeExports = () => {};'],
  ['promisify(execFile);', ''],
  ['createRequire ? createRequire(import.meta.url) : undefined;', 'undefined;'],
  ...['node:fs', 'node:path', 'node:process'].map((name) => [
    new RegExp(`^import ([\\w$]+) from '${name}';`, 'm'),
    `const $1 = require('${name}');`,
  ]),
  [/\\p\{(?:Lu|Uppercase_Letter)\}/g, 'A-Z'],
  [/\\p\{(?:Ll|Lowercase_Letter)\}/g, 'a-z'],
  [/\\p\{Alpha\}/g, 'A-Za-z'],
  [/\\p\{N\}/g, '0-9'],
];

/** trimMeow drops the tables of licences, hosts and versions that meow makes at load. */
export const trimMeow = {
  name: 'trim-meow',
  setup({ onLoad }) {
    onLoad({ filter: /meow\/build\/dependencies\.js$/ }, ({ path }) => {
      let contents = readFileSync(path, 'utf8');
      for (const [before, after] of MEOW_CHANGES) {
        const changed = contents.replace(before, after);
        if (changed === contents) throw new Error(`meow no longer has: ${before}`);
        contents = changed;
      }
      return { contents, loader: 'js' };
    });
  },
};
