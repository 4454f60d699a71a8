/**
 * What the main thread of the dashboard knows of the kernel's functions. Those of the kernel itself stay; modules and BPF
 * programs come and go, and with every panel that is opened: what is said of them holds until the kernel has newer ones.
 * Reading all names takes a fifth of a second of a CPU, and each sample may lie at a new address in a BPF program.
 */

import { statSync } from 'node:fs';
import { newestProgramId } from '../../native/programs.ts';
import { uptimeMs } from '../session/uptime.ts';
import { functionAt, type PackedFunctions } from './kernel-functions.ts';
import type { KernelLocation } from './kernel-symbols.ts';

/** Asked for with every new address that may lie in newer code; and names are not read more often than that. */
const CHECK_MS = 1000;
const READ_MS = 5000;

/** KernelCode is the kernel's functions as of the last reading. */
export class KernelCode {
  readonly #readVersion: () => string;
  #functions: PackedFunctions | undefined;
  #version = '';
  #askedVersion = '';
  #readAtMs = Number.NEGATIVE_INFINITY;
  #checkedAtMs = Number.NEGATIVE_INFINITY;
  #isOutdated = false;

  /** `readVersion` tells what changes with every module and BPF program that is loaded. */
  constructor(readVersion = versionOfCode) {
    this.#readVersion = readVersion;
  }

  /** The function at an address; `unread` if names have to be read to tell. */
  locate(address: bigint): KernelLocation | 'unread' | undefined {
    if (this.#functions === undefined) return 'unread';
    const location = functionAt(this.#functions, address);
    const isLasting = location !== undefined && location.module === undefined;
    return isLasting || !this.#mustBeRead() ? location : 'unread';
  }

  /** Names are read from now on. */
  startReading(): void {
    this.#askedVersion = this.#readVersion();
  }

  /** Takes what has been read. */
  take(functions: PackedFunctions): void {
    this.#functions = functions;
    this.#version = this.#askedVersion;
    this.#readAtMs = uptimeMs();
    this.#isOutdated = false;
  }

  #mustBeRead(): boolean {
    const now = uptimeMs();
    if (now - this.#checkedAtMs >= CHECK_MS) {
      this.#checkedAtMs = now;
      this.#isOutdated = this.#readVersion() !== this.#version;
    }
    return this.#isOutdated && now - this.#readAtMs >= READ_MS;
  }
}

let newestProgram = 0;

/** Numbers of BPF programs only grow; a directory has as many links as it has directories in it. */
function versionOfCode(): string {
  newestProgram = newestProgramId(newestProgram);
  return `${newestProgram} ${statSync('/sys/module', { throwIfNoEntry: false })?.nlink}`;
}
