/** The bundled tools. Runs in the virtual machine. */

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { beforeAll, describe } from 'vitest';
import { TOOL_CASES } from '../../support/tool-cases.ts';
import { loadModule } from './modules.ts';
import { testTools } from './tool-tests.ts';

/** Before the kernel's symbols are first read: what is loaded later is not among them. */
const MODULES = ['loop', 'xfs', 'btrfs', 'nfs', 'nfsv3', 'kvm', 'kvm-amd'];

describe('tools', () => {
  beforeAll(() => {
    for (const module of MODULES) loadModule(module);
    if (!existsSync('/dev/kvm')) execFileSync('mknod', ['/dev/kvm', 'c', '10', '232']);
  });
  testTools(TOOL_CASES.filter(({ upsetsClock }) => !upsetsClock));
});
