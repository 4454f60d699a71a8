/**
 * What a program asks of the kernel, held against what it has: a helper newer than Linux 5.10 that nothing stands in for
 * is named in a finding, instead of the verifier's number.
 */

import { helperInfo } from '../bpf/helpers.ts';
import type { ProgramContext } from './program-context.ts';

/** checkHelpers reports each helper that the program calls and this kernel lacks, where it is first called. */
export function checkHelpers(program: ProgramContext): void {
  const asked = new Set<string>();
  for (const { blocks } of program.functions) {
    for (const { instructions } of blocks) {
      for (const instruction of instructions) {
        if (instruction.op !== 'call' || asked.has(instruction.helper)) continue;
        const { since } = helperInfo(instruction.helper);
        if (since === undefined) continue;
        asked.add(instruction.helper);
        if (program.hasHelper(instruction.helper)) continue;
        program.diagnostics.error(
          'missing-helper',
          `this needs the helper bpf_${instruction.helper} (Linux ${since}), which this kernel lacks`,
          instruction.span ?? program.span,
        );
      }
    }
  }
}
