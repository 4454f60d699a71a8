/**
 * The naming thread of the dashboard: reads symbol tables, which takes up to a second for the largest binaries, while the
 * main thread answers keys. It ends when nothing has been asked for a while, and its tables with it.
 */

import { parentPort } from 'node:worker_threads';
import { collectGarbage } from '../../native/collect-garbage.ts';
import { demangle } from './demangle.ts';
import { KernelSymbols, readKallsyms } from './kernel-symbols.ts';
import type { NameAnswer, NameQuestion } from './name-messages.ts';
import { identify, type NamedPlace, SymbolFiles } from './symbol-file.ts';

/** Tables kept; that of Node.js takes 10 MB, most a few hundred kilobytes. */
const MAX_FILES = 24;
const MAX_BYTES = 32 << 20;

const files = new SymbolFiles(MAX_FILES, MAX_BYTES);
/** The kernel's symbols take eight megabytes, and after the first seconds hardly any stack has a new one. */
const KERNEL_IDLE_MS = 5000;
let kernel: KernelSymbols | undefined;
let forgetting: NodeJS.Timeout | undefined;

parentPort?.on('message', (question: NameQuestion) => parentPort?.postMessage(answer(question)));

function answer({ files: asked, kernelAddresses }: NameQuestion): NameAnswer {
  return {
    files: asked.map(({ identity, path, descriptor, offsets }) => {
      const file = files.open(identify(path) === identity ? path : `/proc/self/fd/${descriptor}`);
      return offsets.map((offset) => readable(file.placeAt(offset)));
    }),
    kernel: kernelAddresses.length === 0 ? [] : kernelNames(kernelAddresses),
  };
}

function kernelNames(addresses: readonly bigint[]): NameAnswer['kernel'] {
  kernel ??= new KernelSymbols(readKallsyms);
  const symbols = kernel;
  clearTimeout(forgetting);
  forgetting = setTimeout(() => {
    kernel = undefined;
    collectGarbage();
  }, KERNEL_IDLE_MS);
  return addresses.map((address) => symbols.locate(address) ?? null);
}

function readable(symbol: NamedPlace | undefined): NamedPlace | null {
  return symbol === undefined ? null : { ...symbol, name: demangle(symbol.name) };
}
