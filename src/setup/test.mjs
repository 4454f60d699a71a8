/**
 * `npm test`: sets up what is missing, Debian's tools for the kernel and terminal tests included, then type check, lint
 * and all tests. Arguments go to the test runner: `npm test -- --project pure`.
 */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { aptInstall, hasCommand, prepare, root } from './prepare.mjs';

/** Command → Debian package. What stays missing is skipped by name in the tests that want it. */
const TOOLS = {
  bpftrace: 'bpftrace',
  bpftool: 'bpftool',
  tmux: 'tmux',
  gcc: 'gcc',
  'g++': 'g++',
  strip: 'binutils',
  xz: 'xz-utils',
  dtrace: 'systemtap-sdt-dev',
  'mkfs.xfs': 'xfsprogs',
  'mkfs.btrfs': 'btrfs-progs',
};

await prepare();
const missing = Object.keys(TOOLS).filter((tool) => !hasCommand(tool));
if (missing.length > 0) {
  console.error(`bptop: installing for the tests: ${missing.join(' ')} …`);
  if (!aptInstall(missing.map((tool) => TOOLS[tool]))) console.error('bptop: could not install all of them');
}

const bin = (name) => join(root, 'node_modules', '.bin', name);
run(bin('tsc'), ['--noEmit']);
run(bin('biome'), ['check', '--error-on-warnings', '.']);
run(bin('vitest'), ['run', '--config', 'test/vitest.config.ts', ...process.argv.slice(2)]);

function run(command, args) {
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
}
