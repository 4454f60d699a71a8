/**
 * Where BTF comes from on a running kernel: /sys/kernel/btf/vmlinux by pages, its index from the disk cache, and the
 * modules' blobs beside it. One descriptor stays open for the pages still to be read.
 */

import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { buildIndex } from './build-index.ts';
import { cacheDirectory, openCachedIndex } from './cache.ts';
import { BtfImage } from './image.ts';
import { BtfIndex, type BuiltIndex, type IndexWords } from './index.ts';
import { writeCachedIndex } from './store-index.ts';
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
  /** The notes of the kernel that the directory is of: where they lie, unless it is the running one. */
  readonly notes?: string;
}

/** openSystemBtf reads the running kernel's BTF. */
export function openSystemBtf(options: SystemBtfOptions = {}): BtfSource {
  const directory = options.directory ?? '/sys/kernel/btf';
  const notes = options.notes ?? (options.directory === undefined ? '/sys/kernel/notes' : undefined);
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
        kernel = openKernel(file ?? `${directory}/vmlinux`, file === undefined ? cache : undefined, notes);
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
        modules.set(name, openModule(`${directory}/${name}`, name, base));
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

function openKernel(path: string, cache: string | undefined, notes: string | undefined): BtfTypes {
  const descriptor = openSync(path, 'r');
  try {
    const size = fstatSync(descriptor).size;
    const readPage = (buffer: Uint8Array, offset: number, length: number) =>
      readSync(descriptor, buffer, offset, length, offset);
    const image = new BtfImage({ size, readPage });
    return new BtfTypes('vmlinux', image, cache === undefined ? freshIndex(image) : cachedIndex(image, cache, notes));
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function freshIndex(image: BtfImage): BtfIndex {
  return indexOf(image, buildIndex(image));
}

function indexOf(image: BtfImage, { shape, words }: BuiltIndex): BtfIndex {
  const held: IndexWords = { word: (index) => words[index] ?? 0 };
  return new BtfIndex(image, shape, held);
}

function cachedIndex(image: BtfImage, cache: string, notes: string | undefined): BtfIndex {
  const key = cacheKey(image, notes);
  const build = () => {
    const built = buildIndex(image);
    writeCachedIndex(cache, key, built);
    return built;
  };
  const stored = openCachedIndex(cache, key, () => build().words);
  return stored === undefined ? indexOf(image, build()) : new BtfIndex(image, stored.shape, stored);
}

/** Samples are few: each is a page to read. */
const SAMPLES = 4;
const SAMPLE_WORDS = 32;
const NOTES_WORDS = 1024;

/**
 * Two blobs that agree in this have the same types at the same ids. The build id is a checksum that the linker made of the whole
 * kernel, its BTF included; lengths of the sections go with it, for kernels whose BTF was put in later. A kernel that does not say
 * its build id, or one too short to be such a checksum, is told by samples of its BTF.
 */
function cacheKey(image: BtfImage, notesFile: string | undefined): Int32Array {
  const notes = new Int32Array(NOTES_WORDS);
  const length = notesFile === undefined ? 0 : readNotes(notesFile, notes);
  const [start, end] = buildIdIn(notes.subarray(0, length));
  const samples = end > start ? 0 : SAMPLES + 1;
  const key = new Int32Array(4 + end - start + samples * SAMPLE_WORDS);
  key.set([image.size, image.typeStart, image.typeEnd, image.stringEnd]);
  key.set(notes.subarray(start, end), 4);
  const last = (image.size >>> 2) - SAMPLE_WORDS;
  for (let sample = 0; sample < samples; sample++) {
    const first = Math.max(0, Math.floor((last * sample) / SAMPLES));
    for (let index = 0; index < SAMPLE_WORDS; index++) {
      key[4 + sample * SAMPLE_WORDS + index] = image.word(first + index);
    }
  }
  return key;
}

/** The number of words that were read. */
function readNotes(path: string, words: Int32Array): number {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    return (readSync(descriptor, words, 0, words.byteLength, 0) + 3) >>> 2;
  } catch {
    return 0;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** `GNU` and a zero, as a word. */
const GNU = 0x554e47;
const NT_GNU_BUILD_ID = 3;
/** MD5 or a UUID; the kernel's own build makes SHA-1, of 20. */
const LEAST_ID_BYTES = 16;

/**
 * The first word of the build id and the one behind it, equal if there is none. Notes are ELF's: lengths of name and content, type,
 * then both, each filled up to whole words (include/uapi/linux/elf.h, Linux 6.18).
 */
function buildIdIn(words: Int32Array): readonly [start: number, end: number] {
  for (let at = 0; at + 3 < words.length; ) {
    const nameBytes = words[at] as number;
    const contentBytes = words[at + 1] as number;
    const start = at + 3 + ((nameBytes + 3) >>> 2);
    const end = start + ((contentBytes + 3) >>> 2);
    if (nameBytes === 4 && words[at + 2] === NT_GNU_BUILD_ID && words[at + 3] === GNU) {
      if (contentBytes >= LEAST_ID_BYTES && end <= words.length) return [start, end];
    }
    at = end;
  }
  return [0, 0];
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
