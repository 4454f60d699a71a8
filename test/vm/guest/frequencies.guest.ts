/**
 * The tools that want the processor's frequency changed: after that the machine keeps time by a slower clock, so this comes
 * last. Runs in the virtual machine.
 */

import { beforeAll, describe } from 'vitest';
import { TOOL_CASES } from '../../support/tool-cases.ts';
import { loadModule } from './modules.ts';
import { testTools } from './tool-tests.ts';

describe('tools', () => {
  beforeAll(() => {
    for (const module of ['acpi-cpufreq', 'cpufreq_userspace']) loadModule(module);
  });
  testTools(TOOL_CASES.filter(({ upsetsClock }) => upsetsClock));
});
