/**
 * The vdso: a small ELF image that the kernel maps into every process and that lies in no file, read from memory.
 */

import { closeSync, openSync, readSync } from 'node:fs';
import { type Mapping, readMaps } from '../kernel/binaries/process-maps.ts';

const MAX_BYTES = 1 << 20;

/** readVdso reads our own image, which is the same, or else that of the process. */
export function readVdso(pid: number, mapping: Mapping): Buffer | undefined {
  const own = readMaps(process.pid).find((one) => one.path === '[vdso]');
  return (own && readMemory(process.pid, own)) ?? readMemory(pid, mapping);
}

function readMemory(pid: number, mapping: Mapping): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(`/proc/${pid}/mem`, 'r');
    const bytes = Buffer.alloc(Math.min(mapping.end - mapping.start, MAX_BYTES));
    const count = readSync(descriptor, bytes, 0, bytes.length, mapping.start);
    return bytes.subarray(0, count);
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
