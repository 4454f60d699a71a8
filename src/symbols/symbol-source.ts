/** Where symbols of mapped files come from: read at once (`symbol-file.ts`), or by a thread that answers later (`late-names.ts`). */

import type { SourceFrame } from '../kernel/binaries/dwarf/debug-info.ts';
import type { FileSymbol } from './symbol-file.ts';

/** FileSymbols answers for one binary, by offset in the file. */
export interface FileSymbols {
  /** The function or object that covers the byte. */
  symbolAt(fileOffset: number): FileSymbol | undefined;
  /** The functions at the byte, inlined ones first, as far as debug information tells. */
  sourceFramesAt(fileOffset: number): readonly SourceFrame[];
}

export interface SymbolSource {
  /** The symbols of the file at this path as it is now. */
  open(path: string): FileSymbols;
}
