/**
 * What must be there before bptop can run from a clone: packages from the lock file, the build, libbpf. Plain JavaScript
 * on Node's own modules, since it runs before anything is installed. Asks nothing, prints nothing when all is in place;
 * a second start costs two hashes and a few hundred stat calls.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const SOURCE_FOLDERS = ['src', 'native', 'tui', 'scripts-library'];
const LIBRARY_FOLDERS = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/lib/x86_64-linux-gnu',
  '/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
  '/lib64',
  '/lib',
  '/usr/local/lib',
];
/** By ID or ID_LIKE of /etc/os-release: how to install the package that holds libbpf.so.1. */
const LIBBPF_COMMANDS = [
  [/debian|ubuntu/, 'apt-get install libbpf1'],
  [/fedora|rhel|centos/, 'dnf install libbpf'],
  [/suse/, 'zypper install libbpf1'],
  [/arch/, 'pacman -S libbpf'],
  [/alpine/, 'apk add libbpf'],
];

/** prepare brings packages, build and libbpf up to date; exits with one line where it cannot. */
export async function prepare() {
  const [major] = process.versions.node.split('.').map(Number);
  if (major < 20) fail(`bptop needs Node.js 20 or newer; this is ${process.version}`);
  installPackages();
  await build();
  installLibbpf();
}

/** aptInstall installs Debian packages without a question; false where that is not possible. */
export function aptInstall(packages) {
  if (process.getuid?.() !== 0 || !hasCommand('apt-get')) return false;
  const install = ['-qq', '-y', '-o', 'DPkg::Lock::Timeout=300', 'install', '--no-install-recommends', ...packages];
  return apt(install) || (apt(['-qq', '-o', 'DPkg::Lock::Timeout=300', 'update']) && apt(install));
}

/** hasCommand tells whether an executable of that name is on the PATH or in a system folder. */
export function hasCommand(name) {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.some((folder) => existsSync(join(folder, name)));
}

function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'ignore'] }).status === 0;
}

function installPackages() {
  const packages = join(root, 'node_modules');
  // A link belongs to another work tree, which keeps it up to date.
  if (existsSync(packages) && lstatSync(packages).isSymbolicLink()) return;
  const stamp = join(packages, '.bptop-lock');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.error('bptop: installing packages …');
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (result.status !== 0) fail(`npm ci failed:\n${result.stderr || result.error?.message}`);
  writeFileSync(stamp, wanted);
}

async function build() {
  const stamp = join(root, 'dist', '.stamp');
  const wanted = sourceStamp();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  const { buildBundle } = await import('./build.mjs');
  await buildBundle();
  writeFileSync(stamp, wanted);
}

/** Paths, sizes and times of everything that goes into the bundle, and the Node.js whose code cache it holds. */
function sourceStamp() {
  const hash = createHash('sha256').update(process.version);
  for (const name of ['package-lock.json', ...SOURCE_FOLDERS]) addToStamp(hash, join(root, name));
  return hash.digest('hex');
}

function addToStamp(hash, path) {
  const status = statSync(path);
  if (status.isDirectory()) {
    for (const name of readdirSync(path).sort()) addToStamp(hash, join(path, name));
  } else {
    hash.update(`${path} ${status.size} ${status.mtimeMs}\n`);
  }
}

function installLibbpf() {
  if (LIBRARY_FOLDERS.some((folder) => existsSync(join(folder, 'libbpf.so.1')))) return;
  if (hasCommand('apt-get') && process.getuid?.() === 0) {
    console.error('bptop: installing libbpf …');
    if (aptInstall(['libbpf1'])) return;
  }
  console.error(
    `bptop: libbpf.so.1 is missing; install it with: ${process.getuid?.() === 0 ? '' : 'sudo '}${libbpfCommand()}`,
  );
}

function libbpfCommand() {
  let release = '';
  try {
    release = readFileSync('/etc/os-release', 'utf8');
  } catch {
    // no os-release: fall through to the general advice
  }
  const ids = [...release.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].map((match) => match[1]).join(' ');
  const found = LIBBPF_COMMANDS.find(([pattern]) => pattern.test(ids));
  return found ? found[1] : "your distribution's package manager (the package is called libbpf or libbpf1)";
}

function fail(message) {
  console.error(`bptop: ${message}`);
  process.exit(1);
}
