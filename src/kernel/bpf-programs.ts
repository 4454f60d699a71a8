/** The BPF programs that are in the kernel now, whoever loaded them, as functions that fentry and fexit attach to. */

import { NativeError } from '../../native/native-error.ts';
import { programTypes } from '../../native/programs.ts';
import { typesOfBytes } from './btf/sources.ts';
import type { BtfFunction } from './facts.ts';

/** listBpfPrograms asks anew each time; empty without the right to ask. */
export function listBpfPrograms(): readonly BtfFunction[] {
  try {
    return programTypes().flatMap(({ programId, functionId, btf }) => {
      const module = `bpf:${programId}`;
      const type = typesOfBytes(module, btf).type(functionId);
      return type.kind === 'function' ? { type, btfId: functionId, module } : [];
    });
  } catch (error) {
    if (error instanceof NativeError) return [];
    throw error;
  }
}
