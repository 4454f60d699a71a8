/**
 * Where BTF comes from on a running kernel: /sys/kernel/btf/vmlinux by pages, its index from the disk cache, and the
 * modules' blobs beside it. One descriptor stays open for the pages still to be read.
 */

import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory, openCachedIndex, writeCachedIndex } from './cache.ts';
import { BtfImage } from './image.ts';
import { BtfIndex, buildIndex, heldWords } from './index.ts';
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
  /** The kernel's own types from this file instead (`BPFTRACE_BTF`). */
  readonly file?: string;
  /** undefined switches the disk cache off. */
  readonly cache?: string | undefined;
}

/** openSystemBtf reads the running kernel's BTF. */
export function openSystemBtf(options: SystemBtfOptions = {}): BtfSource {
  const directory = options.directory ?? '/sys/kernel/btf';
  const { file } = options;
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
        // The cache is keyed to what runs, another kernel's types would only push ours out.
        kernel = openKernel(file ?? join(directory, 'vmlinux'), file === undefined ? cache : undefined);
      } catch (error) {
        problem =
          file === undefined
            ? describe(error, directory)
            : `BPFTRACE_BTF: '${file}' cannot be read as BTF: ${(error as Error).message}`;
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
  return new BtfTypes(name, image, freshIndex(image), base);
}

function openKernel(path: string, cache: string | undefined): BtfTypes {
  const descriptor = openSync(path, 'r');
  try {
    const size = fstatSync(descriptor).size;
    const readPage = (buffer: Uint8Array, offset: number, length: number) =>
      readSync(descriptor, buffer, offset, length, offset);
    const image = new BtfImage({ size, readPage });
    return new BtfTypes('vmlinux', image, cache === undefined ? freshIndex(image) : cachedIndex(image, cache));
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function freshIndex(image: BtfImage): BtfIndex {
  const { shape, words } = buildIndex(image);
  return new BtfIndex(image, shape, heldWords(words));
}

function cachedIndex(image: BtfImage, cache: string): BtfIndex {
  const key = cacheKey(image);
  const build = () => {
    const built = buildIndex(image);
    writeCachedIndex(cache, key, built);
    return built;
  };
  const stored = openCachedIndex(cache, key);
  if (stored !== undefined) {
    return new BtfIndex(
      image,
      stored.shape,
      stored.words(() => build().words),
    );
  }
  const { shape, words } = build();
  return new BtfIndex(image, shape, heldWords(words));
}

/** Two kernels that agree in all of this have the same types at the same ids. Samples are few: each is a page to read. */
const SAMPLES = 4;
const SAMPLE_WORDS = 32;
const NOTES_BYTES = 4096;

function cacheKey(image: BtfImage): Uint8Array {
  const key = new Uint32Array(1 + (SAMPLES + 1) * SAMPLE_WORDS + NOTES_BYTES / 4);
  key[0] = image.size;
  const last = (image.size >>> 2) - SAMPLE_WORDS;
  for (let sample = 0; sample <= SAMPLES; sample++) {
    const start = Math.max(0, Math.floor((last * sample) / SAMPLES));
    for (let index = 0; index < SAMPLE_WORDS; index++) {
      key[1 + sample * SAMPLE_WORDS + index] = image.word(start + index);
    }
  }
  const bytes = new Uint8Array(key.buffer);
  const notes = bytes.subarray(bytes.length - NOTES_BYTES);
  return bytes.subarray(0, bytes.length - NOTES_BYTES + readNotes(notes));
}

/** The notes hold the kernel's build id. */
function readNotes(buffer: Uint8Array): number {
  try {
    const descriptor = openSync('/sys/kernel/notes', 'r');
    try {
      return readSync(descriptor, buffer, 0, buffer.length, 0);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return 0;
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
