/**
 * The naming thread of the dashboard: reads symbol tables, which takes up to a second for the largest binaries, while the
 * main thread answers keys. It ends when nothing has been asked for a while, and its tables with it.
 */

import { parentPort } from 'node:worker_threads';
import { collectGarbage } from '../../native/collect-garbage.ts';
import { readKernelText } from '../kernel/kernel-text.ts';
import { demangle } from './demangle.ts';
import type { ReadFunctions } from './kernel-code.ts';
import { packFunctions, splitKallsyms } from './kernel-functions.ts';
import type { NameAnswer, NameQuestion } from './name-messages.ts';
import { identify, type NamedPlace, SymbolFiles } from './symbol-file.ts';

/** Tables kept; that of Node.js takes 10 MB, most a few hundred kilobytes. */
const MAX_FILES = 24;
const MAX_BYTES = 32 << 20;

const files = new SymbolFiles(MAX_FILES, MAX_BYTES);
/** The text of the kernel's symbols takes five megabytes. */
const FORGET_MS = 1000;

parentPort?.on('message', (question: NameQuestion) => {
  const functions = question.functions && readFunctions(question.functions);
  const packed = functions === undefined ? [] : [functions.kernel, functions.loaded];
  const moved = packed.flatMap((part) => (part ? [part.starts, part.nameEnds, part.names, part.modules] : []));
  parentPort?.postMessage(
    { ...answer(question), ...(functions && { functions }) },
    moved.map(({ buffer }) => buffer),
  );
});

function answer({ files: asked }: NameQuestion): NameAnswer {
  return {
    files: asked.map(({ identity, path, descriptor, offsets }) => {
      const file = files.open(identify(path) === identity ? path : `/proc/self/fd/${descriptor}`);
      return offsets.map((offset) => readable(file.placeAt(offset)));
    }),
  };
}

function readFunctions(which: 'all' | 'loaded'): ReadFunctions {
  setTimeout(collectGarbage, FORGET_MS);
  const { kernel, loaded } = splitKallsyms(readKernelText('/proc/kallsyms') ?? Buffer.alloc(0));
  return { ...(which === 'all' && { kernel: packFunctions(kernel) }), loaded: packFunctions(loaded) };
}

function readable(symbol: NamedPlace | undefined): NamedPlace | null {
  return symbol === undefined ? null : { ...symbol, name: demangle(symbol.name) };
}
