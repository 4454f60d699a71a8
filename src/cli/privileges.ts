/**
 * Whether this process may trace: by capabilities rather than by user, since a container's root may lack them.
 */

import { readFileSync } from 'node:fs';
import { createDiagnostic, type Diagnostic } from '../diagnostics/diagnostic.ts';

const CAPABILITIES = [
  { name: 'CAP_BPF', bit: 39n },
  { name: 'CAP_PERFMON', bit: 38n },
] as const;
/** Stands for all of them, as before Linux 5.8. */
const CAP_SYS_ADMIN = 21n;

/** missingPrivilege gives the refusal, if there is reason for one. */
export function missingPrivilege(): Diagnostic | undefined {
  const held = effectiveCapabilities();
  if (held === undefined || has(held, CAP_SYS_ADMIN)) return undefined;
  const missing = CAPABILITIES.find(({ bit }) => !has(held, bit));
  if (!missing) return undefined;
  return createDiagnostic(
    'error',
    'no-privilege',
    `Missing ${missing.name} capability, please run bptop as the root user.`,
    undefined,
    { hints: ['sudo bptop …', 'bptop --check, --fmt and -d ast work without root'] },
  );
}

function has(capabilities: bigint, bit: bigint): boolean {
  return ((capabilities >> bit) & 1n) === 1n;
}

function effectiveCapabilities(): bigint | undefined {
  try {
    const digits = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
    return digits === undefined ? undefined : BigInt(`0x${digits}`);
  } catch {
    return undefined;
  }
}
