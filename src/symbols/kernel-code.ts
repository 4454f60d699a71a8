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

/** Asked for with every new address that may lie in newer code. */
const CHECK_MS = 1000;
/** Names are not read more often than that: for an address that has none, and for one that had one before the newer code came. */
const READ_UNKNOWN_MS = 20_000;
const READ_KNOWN_MS = 60_000;

/** ReadFunctions is what a reading gives: the kernel's own functions the first time. */
export interface ReadFunctions {
  readonly kernel?: PackedFunctions;
  /** Those of modules and BPF programs. */
  readonly loaded: PackedFunctions;
}

/** KernelCode is the kernel's functions as of the last reading. */
export class KernelCode {
  readonly #readVersion: () => string;
  #kernel: PackedFunctions | undefined;
  #loaded: PackedFunctions | undefined;
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
    if (this.#kernel === undefined || this.#loaded === undefined) return 'unread';
    const own = functionAt(this.#kernel, address);
    if (own !== undefined) return own;
    const location = functionAt(this.#loaded, address);
    return this.#mustBeRead(location === undefined ? READ_UNKNOWN_MS : READ_KNOWN_MS) ? 'unread' : location;
  }

  /** Whether the kernel's own functions are known, too: they stay. */
  get hasKernel(): boolean {
    return this.#kernel !== undefined;
  }

  /** Names are read from now on. */
  startReading(): void {
    this.#askedVersion = this.#readVersion();
  }

  /** Takes what has been read. */
  take({ kernel, loaded }: ReadFunctions): void {
    this.#kernel = kernel ?? this.#kernel;
    this.#loaded = loaded;
    this.#version = this.#askedVersion;
    this.#readAtMs = uptimeMs();
    this.#isOutdated = false;
  }

  #mustBeRead(pauseMs: number): boolean {
    const now = uptimeMs();
    if (now - this.#checkedAtMs >= CHECK_MS) {
      this.#checkedAtMs = now;
      this.#isOutdated = this.#readVersion() !== this.#version;
    }
    return this.#isOutdated && now - this.#readAtMs >= pauseMs;
  }
}

let newestProgram = 0;

/** Numbers of BPF programs only grow; a directory has as many links as it has directories in it. */
function versionOfCode(): string {
  newestProgram = newestProgramId(newestProgram);
  return `${newestProgram} ${statSync('/sys/module', { throwIfNoEntry: false })?.nlink}`;
}
