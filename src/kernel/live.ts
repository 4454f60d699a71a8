/**
 * LiveFacts: the running kernel. Nothing is read before it is asked for; what failed is remembered as a problem that
 * says what to do.
 */

import { readFileSync } from 'node:fs';
import { openBinaryFacts } from './binaries/open.ts';
import { listBpfPrograms } from './bpf-programs.ts';
import { type BtfSource, openSystemBtf, type SystemBtfOptions } from './btf/sources.ts';
import { BtfTypeFacts } from './btf/type-facts.ts';
import type { BinaryFacts, KernelFacts } from './facts.ts';
import { ProbedFeatures } from './features.ts';
import { TextFunctionFacts } from './functions.ts';
import { readKernelText } from './kernel-text.ts';
import { loadProbe } from './load-probe.ts';
import { findTracefs, type TracefsMount, tracefsTexts } from './tracefs/mount.ts';
import { TextTracepointFacts } from './tracefs/tracepoint-facts.ts';

export interface LiveOptions {
  readonly btf?: SystemBtfOptions;
  /** A file in the form of available_filter_functions to use instead of it (`--traceable-functions`). */
  readonly traceableFunctions?: string;
}

/** LiveFacts with more than the contract: the kernel's symbols, read once for all who need them. */
export interface LiveKernelFacts extends KernelFacts {
  readonly functions: TextFunctionFacts;
}

/** openLiveFacts gives facts about the running kernel. */
export function openLiveFacts(options: LiveOptions = {}): LiveKernelFacts {
  let binaries: BinaryFacts | undefined;
  const btf = onceAsked(() => openSystemBtf(options.btf));
  const types = new BtfTypeFacts(btf);
  let mount: TracefsMount | undefined;
  const tracefs = () => {
    mount ??= findTracefs();
    return mount;
  };
  return {
    architecture: process.arch === 'arm64' ? 'aarch64' : 'x86_64',
    get possibleCpus() {
      return Math.max(...cpuList('possible')) + 1;
    },
    get onlineCpus() {
      return cpuList('online');
    },
    get pageSize() {
      return PAGE_SIZE;
    },
    types,
    tracepoints: new TextTracepointFacts(tracefsTexts(tracefs), types),
    functions: new TextFunctionFacts(
      {
        available: () => readAvailable(options.traceableFunctions ?? `${tracefs().path}/available_filter_functions`),
        kallsyms: () => readKernelText('/proc/kallsyms'),
      },
      types,
    ),
    get binaries() {
      binaries ??= openBinaryFacts();
      return binaries;
    },
    features: new ProbedFeatures(types, loadProbe, process.geteuid?.() === 0),
    bpfPrograms: listBpfPrograms,
    problems: () => [btf.problem(), mount?.problem].filter((problem) => problem !== undefined),
  };
}

/** BTF that is opened, and what reads it loaded, with the first question: scripts on tracepoints ask none. */
function onceAsked(open: () => BtfSource): BtfSource {
  let opened: BtfSource | undefined;
  const source = () => {
    opened ??= open();
    return opened;
  };
  return {
    vmlinux: () => source().vmlinux(),
    moduleNames: () => source().moduleNames(),
    module: (name) => source().module(name),
    problem: () => opened?.problem(),
  };
}

/** cpuList reads a list such as `0-3,8` of sysfs; a kernel without sysfs has at least CPU 0. */
function cpuList(kind: 'possible' | 'online'): readonly number[] {
  const text = readOrNothing(`/sys/devices/system/cpu/${kind}`)?.toString('latin1') ?? '0';
  return parseCpuList(text);
}

/** parseCpuList reads `0-3,8` into numbers. */
export function parseCpuList(text: string): readonly number[] {
  return text
    .trim()
    .split(',')
    .flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

/** x86-64 has one page size; arm64 says in its auxiliary vector which of three it runs with. */
const AT_PAGESZ = 6n;
const PAGE_SIZE = process.arch === 'arm64' ? pageSizeOfAuxiliaryVector() : 4096;

function pageSizeOfAuxiliaryVector(): number {
  const bytes = readOrNothing('/proc/self/auxv');
  for (let at = 0; bytes !== undefined && at + 16 <= bytes.length; at += 16) {
    if (bytes.readBigUInt64LE(at) === AT_PAGESZ) return Number(bytes.readBigUInt64LE(at + 8));
  }
  return 4096;
}

function readAvailable(path: string): string | undefined {
  return readKernelText(path)?.toString('latin1');
}

function readOrNothing(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
