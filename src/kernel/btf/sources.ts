/**
 * Where BTF comes from on a running kernel: /sys/kernel/btf/vmlinux by pages, its index from the disk cache, and the
 * modules' blobs beside it. One descriptor stays open for the pages still to be read.
 */

import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory, readCachedIndex, writeCachedIndex } from './cache.ts';
import { BtfImage } from './image.ts';
import { BtfIndex, buildIndex } from './index.ts';
import { BtfTypes } from './types.ts';

/** What the type facts stand on: the kernel's blob and the modules'. */
export interface BtfSource {
  /** undefined if this kernel has no BTF that can be read; `problem` then says why. */
  vmlinux(): BtfTypes | undefined;
  moduleNames(): readonly string[];
  module(name: string): BtfTypes | undefined;
  problem(): string | undefined;
}

export interface SystemBtfOptions {
  readonly directory?: string;
  /** undefined switches the disk cache off. */
  readonly cache?: string | undefined;
}

/** openSystemBtf reads the running kernel's BTF. */
export function openSystemBtf(options: SystemBtfOptions = {}): BtfSource {
  const directory = options.directory ?? '/sys/kernel/btf';
  const cache = 'cache' in options ? options.cache : cacheDirectory();
  const modules = new Map<string, BtfTypes | undefined>();
  let names: readonly string[] | undefined;
  let problem: string | undefined;
  let kernel: BtfTypes | undefined;
  let isOpened = false;
  const source: BtfSource = {
    vmlinux() {
      if (isOpened) return kernel;
      isOpened = true;
      try {
        kernel = openKernel(join(directory, 'vmlinux'), cache);
      } catch (error) {
        problem = describe(error, directory);
      }
      return kernel;
    },
    moduleNames() {
      names ??= listModules(directory);
      return names;
    },
    module(name) {
      const base = source.vmlinux();
      if (base === undefined || !source.moduleNames().includes(name)) {
        return undefined;
      }
      if (!modules.has(name)) {
        modules.set(name, openModule(join(directory, name), name, base));
      }
      return modules.get(name);
    },
    problem: () => problem,
  };
  return source;
}

/** typesOfBytes opens a blob that lies in memory. */
export function typesOfBytes(name: string, bytes: Uint8Array, base?: BtfTypes): BtfTypes {
  const image = new BtfImage(bytes, base?.image);
  return new BtfTypes(name, image, buildIndex(image), base);
}

function openKernel(path: string, cache: string | undefined): BtfTypes {
  const descriptor = openSync(path, 'r');
  try {
    const size = statSync(path).size;
    const readPage = (buffer: Uint8Array, offset: number, length: number) =>
      readSync(descriptor, buffer, offset, length, offset);
    const image = new BtfImage({ size, readPage });
    const key = cache === undefined ? undefined : cacheKey(image);
    const stored = cache === undefined || key === undefined ? undefined : readCachedIndex(cache, key);
    if (stored !== undefined) {
      return new BtfTypes('vmlinux', image, new BtfIndex(image, stored));
    }
    const index = buildIndex(image);
    if (cache !== undefined && key !== undefined) {
      writeCachedIndex(cache, key, index.data);
    }
    return new BtfTypes('vmlinux', image, index);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Two kernels that agree in all of this have the same types at the same ids. */
function cacheKey(image: BtfImage): Uint8Array {
  const samples: number[] = [image.size];
  for (let word = 0; word < 256; word++) samples.push(image.word(word));
  for (let part = 1; part < 16; part++) {
    const start = Math.floor((image.size / 64) * part) * 4;
    for (let word = start; word < start + 16; word++) {
      samples.push(image.word(Math.min(word, (image.size >>> 2) - 1)));
    }
  }
  return Buffer.concat([new Uint8Array(Uint32Array.from(samples).buffer), readNotes()]);
}

function readNotes(): Uint8Array {
  try {
    return readFileSync('/sys/kernel/notes');
  } catch {
    return new Uint8Array();
  }
}

function openModule(path: string, name: string, base: BtfTypes): BtfTypes | undefined {
  try {
    return typesOfBytes(name, readFileSync(path), base);
  } catch {
    return undefined; // unloaded meanwhile, or of a form unknown to us: then it has no types for us
  }
}

function listModules(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name !== 'vmlinux')
      .sort();
  } catch {
    return [];
  }
}

function describe(error: unknown, directory: string): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') {
    return `This kernel has no BTF (${directory}/vmlinux is missing); kernel types have to be declared in the script. A kernel built with CONFIG_DEBUG_INFO_BTF=y has it.`;
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return `${directory}/vmlinux cannot be read by this user; run as root for kernel types.`;
  }
  return `The kernel's BTF cannot be read: ${(error as Error).message}`;
}
