/**
 * Kernel addresses to names. The table is read with the first question; addresses it does not reach (a module loaded
 * since, a BPF program) make it be read again, though not in a row.
 */

import { readFileSync } from 'node:fs';
import { Kallsyms } from '../kernel/kallsyms.ts';
import { uptimeMs } from '../session/uptime.ts';
import { Generations } from './generations.ts';

export interface KernelSymbolTable {
  /** The function at or below an address; `end` is where the next one begins. */
  lookup(
    address: bigint,
  ): { readonly name: string; readonly address: bigint; readonly module: string; readonly end?: bigint } | undefined;
}

export interface KernelLocation {
  readonly symbol: string;
  readonly offset: number;
  /** Absent for the kernel itself. */
  readonly module?: string;
  /** Of the function, as far as it is known. */
  readonly size?: number;
}

const MAX_REMEMBERED = 16_384;
/** Symbols have no sizes: what lies further from one than any function is long belongs to none. */
const MAX_OFFSET = 1n << 20n;
const RELOAD_MS = 5000;

export class KernelSymbols {
  readonly #read: () => KernelSymbolTable;
  readonly #readAgain: () => KernelSymbolTable;
  readonly #remembered = new Generations<bigint, KernelLocation>(MAX_REMEMBERED);
  #table: KernelSymbolTable | undefined;
  #readAtMs = 0;

  /** `readAgain` asks the kernel anew; `read` may give what somebody else has read before. */
  constructor(read: () => KernelSymbolTable, readAgain: () => KernelSymbolTable = read) {
    this.#read = read;
    this.#readAgain = readAgain;
  }

  locate(address: bigint): KernelLocation | undefined {
    const known = this.#remembered.get(address);
    if (known) return known;
    let found = this.#lookUp(address);
    if (!found && address >> 63n && uptimeMs() - this.#readAtMs > RELOAD_MS) {
      this.#keep(this.#readAgain());
      found = this.#lookUp(address);
    }
    if (found) this.#remembered.set(address, found);
    return found;
  }

  #lookUp(address: bigint): KernelLocation | undefined {
    const table = this.#table ?? this.#keep(this.#read());
    const symbol = table.lookup(address);
    if (!symbol || address - symbol.address >= MAX_OFFSET) return undefined;
    return {
      symbol: symbol.name,
      offset: Number(address - symbol.address),
      ...(symbol.module !== 'vmlinux' && { module: symbol.module }),
      ...(symbol.end !== undefined && { size: Math.min(Number(symbol.end - symbol.address), Number(MAX_OFFSET)) }),
    };
  }

  #keep(table: KernelSymbolTable): KernelSymbolTable {
    this.#table = table;
    this.#readAtMs = uptimeMs();
    return table;
  }
}

/** readKallsyms reads the running kernel's symbols; none where they may not be read. */
export function readKallsyms(): KernelSymbolTable {
  try {
    return new Kallsyms(readFileSync('/proc/kallsyms'));
  } catch {
    return new Kallsyms(Buffer.alloc(0));
  }
}
