/**
 * dist/bptop.js, behind two lines for a shell that the build puts before it: runs the bundle, with the code that V8 made
 * of it when it was built. V8 refuses a cache of another version or of other flags by itself.
 */

'use strict';

// What the shell kept from Node.js, commands that we run get back.
for (const [kept, name] of [
  ['BPTOP_CA_CERTS', 'NODE_EXTRA_CA_CERTS'],
  ['BPTOP_ARENAS', 'MALLOC_ARENA_MAX'],
]) {
  const value = process.env[kept];
  if (value === undefined) continue;
  delete process.env[kept];
  if (value === '') delete process.env[name];
  else process.env[name] = value;
}

// What only checks and formats has a bundle of its own. It reads the command line properly, and starts over if it is wrong here.
const isCheck = process.argv.some((word) => word.startsWith('--check') || word.startsWith('--fmt'));
const flags = isCheck
  ? ['--min-semi-space-size=4', '--max-semi-space-size=8', '--interrupt-budget=600000']
  : ['--min-semi-space-size=2', '--max-semi-space-size=4', '--semi-space-growth-factor=1', '--interrupt-budget=200000'];

// As the shell says it, also if Node.js was started by hand: a code cache is for one set of flags.
for (const flag of [...flags, '--no-concurrent-recompilation']) {
  if (!process.execArgv.includes(flag)) require('node:v8').setFlagsFromString(flag);
}

const { readFileSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');

/** The bundle is ASCII, which latin1 takes over without looking. */
function load(file, cacheFile) {
  let cachedData;
  try {
    cachedData = readFileSync(cacheFile);
  } catch {}
  return new Script(readFileSync(file, 'latin1'), { filename: file, cachedData });
}

/** Encoded only where it must be: `pathToFileURL` costs more than all else here. */
function urlOf(path) {
  return /^[\w/.-]+$/.test(path) ? `file://${path}` : require('node:url').pathToFileURL(path).href;
}

/** The bundle requires the same few modules dozens of times, and Node.js resolves their names at each. */
const modules = new Map();
const requireOnce = Object.assign((name) => {
  if (!modules.has(name)) modules.set(name, require(name));
  return modules.get(name);
}, require);

function run(name) {
  const file = `${__dirname}/${name}.cjs`;
  const cacheFile = `${__dirname}/${name}.cache`;
  const script = load(file, cacheFile);
  if (process.env.BPTOP_WRITE_CODE_CACHE) {
    // Functions that the cache holds from earlier runs stay, also those that this one does not call.
    const { setFlagsFromString } = require('node:v8');
    setFlagsFromString('--no-flush-bytecode');
    process.on('exit', () => {
      setFlagsFromString('--flush-bytecode');
      writeFileSync(cacheFile, script.createCachedData());
    });
  }
  const bundle = { exports: {} };
  const importModule = (path) => import(urlOf(`${__dirname}/${path}`));
  const startOver = () => run('headless');
  script.runInThisContext()(bundle.exports, requireOnce, bundle, file, __dirname, urlOf(file), importModule, startOver);
}

run(isCheck ? 'check' : 'headless');
