/**
 * esbuild plugins that keep start-up short: the dashboard stays a bundle of its own, modules of Node.js that a plain run
 * never uses load with the first call, and meow sheds what it prepares for reading package files. Each says so if what it
 * changes is no longer there.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname } from 'node:path';

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

/**
 * requireAsGiven makes `createRequire` give the `require` that the bundle was given, which resolves from the same place, and
 * `process` be the global: esbuild would copy it property by property.
 */
export const requireAsGiven = {
  name: 'require-as-given',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:process$/ }, ({ path }) => ({ path, namespace: 'given-process' }));
    onLoad({ filter: /./, namespace: 'given-process' }, () => ({
      contents: 'export default globalThis.process;',
      loader: 'js',
    }));
    onResolve({ filter: /^node:module$/ }, ({ path, importer }) =>
      importer.includes('node_modules') ? undefined : { path, namespace: 'given' },
    );
    onLoad({ filter: /./, namespace: 'given' }, () => ({
      contents: 'export const createRequire = () => require;',
      loader: 'js',
    }));
  },
};

/** Loading these costs a millisecond or more each (child_process and tty bring sockets and streams), and a plain run calls none. */
const LATE_MODULES = /^node:(?:child_process|net|os|tty|zlib)$/;

/** loadLate makes each function of such a module one that loads the module when called, and each constant one that does when read; types are erased before. */
export const loadLate = {
  name: 'load-late',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: LATE_MODULES }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'late' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'late' }, ({ path }) => {
      const module = require(path);
      const lines = Object.keys(module)
        .filter((name) => typeof module[name] === 'function')
        .map((name) => `export function ${name}(...args) { return require('${path}').${name}(...args); }`);
      const constants = Object.keys(module.constants ?? {}).map(
        (name) => `get ${name}() { return require('${path}').constants.${name}; }`,
      );
      lines.push(`export const constants = { ${constants.join(', ')} };`);
      return { contents: lines.join('\n'), loader: 'js' };
    });
  },
};

/**
 * Our own that only some scripts need: the bridge to the kernel, what reads binaries, BTF and C, what prints scripts, and the
 * glue of the demangler, which tries itself out.
 */
const LATE_SOURCES = [
  'src/kernel/load-probe.ts',
  'src/kernel/bpf-programs.ts',
  'src/kernel/binaries/debug-files.ts',
  'src/kernel/binaries/open.ts',
  'src/kernel/btf/build-index.ts',
  'src/kernel/btf/c-text.ts',
  'src/kernel/btf/sources.ts',
  'src/kernel/btf/store-index.ts',
  'src/language/c/definition-reader.ts',
  'src/language/c/kernel-constants.ts',
  'src/language/format.ts',
  'src/language/habits.ts',
  'node_modules/gecko-profiler-demangle/index_bg.js',
];

/** loadSourcesLate does the same with modules of ours: functions are all they may export. */
export const loadSourcesLate = {
  name: 'load-sources-late',
  setup({ onResolve, onLoad, resolve }) {
    const names = LATE_SOURCES.map((source) => basename(source).replace('.', '\\.'));
    onResolve({ filter: new RegExp(`/(?:${names.join('|')})$`) }, async ({ path, kind, resolveDir, pluginData }) => {
      if (kind !== 'import-statement' || pluginData === 'found') return undefined;
      const found = await resolve(path, { kind, resolveDir, pluginData: 'found' });
      return LATE_SOURCES.some((source) => found.path.endsWith(`/${source}`))
        ? { path: found.path, namespace: 'late-source' }
        : undefined;
    });
    onLoad({ filter: /./, namespace: 'late-source' }, ({ path }) => {
      const exported = [...readFileSync(path, 'utf8').matchAll(/^export (\w+) (\w+)/gm)];
      const functions = exported.filter(([, what]) => what === 'function').map(([, , name]) => name);
      if (exported.some(([, what]) => !/^(?:function|interface|type)$/.test(what))) {
        throw new Error(`${path} exports more than functions`);
      }
      const lines = functions.map(
        (name) => `export function ${name}(...args) { return require(${JSON.stringify(path)}).${name}(...args); }`,
      );
      return { contents: lines.join('\n'), loader: 'js', resolveDir: dirname(path) };
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
  [/^import ([\w$]+) from 'node:process';/m, 'const $1 = process;'],
  [/^import [\w$]+ from '(?:node:module|url)';/gm, ''],
  [/^import [\w$]+, (\{.+\} from '(?:util|node:module|node:url)';)/gm, 'import $1'],
  ...['node:fs', 'node:path'].map((name) => [
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
