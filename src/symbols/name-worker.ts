/**
 * The naming thread of the dashboard: reads symbol tables, which takes up to a second for the largest binaries, while the
 * main thread answers keys. It ends when nothing has been asked for a while, and its tables with it.
 */

import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { collectGarbage } from '../../native/collect-garbage.ts';
import { demangle } from './demangle.ts';
import { type PackedFunctions, packFunctions } from './kernel-functions.ts';
import type { NameAnswer, NameQuestion } from './name-messages.ts';
import { identify, type NamedPlace, SymbolFiles } from './symbol-file.ts';

/** Tables kept; that of Node.js takes 10 MB, most a few hundred kilobytes. */
const MAX_FILES = 24;
const MAX_BYTES = 32 << 20;

const files = new SymbolFiles(MAX_FILES, MAX_BYTES);
/** The text of the kernel's symbols takes five megabytes, twice. */
const FORGET_MS = 1000;

parentPort?.on('message', (question: NameQuestion) => {
  const kernel = question.wantsKernel ? kernelFunctions() : undefined;
  const moved = kernel && [kernel.starts, kernel.nameEnds, kernel.names, kernel.modules].map(({ buffer }) => buffer);
  parentPort?.postMessage({ ...answer(question), ...(kernel && { kernel }) }, moved);
});

function answer({ files: asked }: NameQuestion): NameAnswer {
  return {
    files: asked.map(({ identity, path, descriptor, offsets }) => {
      const file = files.open(identify(path) === identity ? path : `/proc/self/fd/${descriptor}`);
      return offsets.map((offset) => readable(file.placeAt(offset)));
    }),
  };
}

function kernelFunctions(): PackedFunctions {
  setTimeout(collectGarbage, FORGET_MS);
  try {
    return packFunctions(readFileSync('/proc/kallsyms'));
  } catch {
    return packFunctions(Buffer.alloc(0));
  }
}

function readable(symbol: NamedPlace | undefined): NamedPlace | null {
  return symbol === undefined ? null : { ...symbol, name: demangle(symbol.name) };
}
