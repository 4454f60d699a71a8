/** Tries programs on the running kernel for features.ts. A thing apart, because it alone needs the native bridge. */

import { NativeError } from '../../native/native-error.ts';
import { loadProgram, openModuleBtf } from '../../native/programs.ts';
import { closeDescriptor } from '../../native/syscall.ts';
import type { ProbeProgram } from './features.ts';

/** What the verifier says of a helper that it does not have, or not for this type of program. */
const REFUSED_HELPER = /unknown func|invalid func|helper access|program of this type cannot use helper/;

/** loadProbe loads the program and closes it again. */
export function loadProbe(program: ProbeProgram): boolean | undefined {
  const module = program.target?.module ?? 'vmlinux';
  const moduleBtf = module === 'vmlinux' ? undefined : openModuleBtf(module);
  try {
    const descriptor = loadProgram({
      name: 'bptop_probe',
      type: program.type,
      license: 'GPL',
      instructions: program.instructions,
      ...(program.attach && { expectedAttachType: program.attach }),
      ...(program.target && { attachBtfId: program.target.btfId }),
      ...(moduleBtf !== undefined && { attachBtfFd: moduleBtf }),
      logLevel: 1,
      logSize: 4096,
    });
    closeDescriptor(descriptor);
    return true;
  } catch (error) {
    if (!(error instanceof NativeError)) return undefined; // no libbpf: loading the real program will say so
    const log = `${error.log ?? ''}`;
    if (REFUSED_HELPER.test(log)) return false;
    // A complaint about arguments means that the helper itself is allowed.
    return /R[1-5]|arg#?\d/.test(log);
  } finally {
    if (moduleBtf !== undefined) closeDescriptor(moduleBtf);
  }
}
