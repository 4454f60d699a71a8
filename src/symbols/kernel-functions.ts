/**
 * The kernel's functions by address, as the naming thread hands them to the main one: four flat arrays, which go from one
 * thread to the other without being copied, and take two megabytes where the text of /proc/kallsyms takes five.
 */

import { hex8 } from '../kernel/kallsyms.ts';
import type { KernelLocation } from './kernel-symbols.ts';

/** PackedFunctions lists functions in order of address. */
export interface PackedFunctions {
  /** The lower 52 bits of addresses: those above are ones in all of the kernel. */
  readonly starts: Float64Array<ArrayBuffer>;
  /** Where each name ends in `names`; it begins where the one before ends. */
  readonly nameEnds: Uint32Array<ArrayBuffer>;
  readonly names: Uint8Array<ArrayBuffer>;
  /** By function: 0 for the kernel itself, else one more than the place in `moduleNames`. */
  readonly modules: Uint16Array<ArrayBuffer>;
  readonly moduleNames: readonly string[];
}

const TWO_32 = 0x1_0000_0000;
const HIGH_BITS = 0xf_ffff;
const NEWLINE = 10;
const TAB = 9;
const BLANK = 32;
/** In front of functions there is room to be patched into calls, which has names of its own and which nobody runs. */
const PADDING = Buffer.from('__pfx_');
/** Symbols have no sizes: what lies further from one than any function is long belongs to none. */
const MAX_OFFSET = 1 << 20;
/** A line: sixteen digits, a blank, the type, a blank. */
const TYPE_AT = 17;
const NAME_AT = 19;
const SHORTEST_LINE = 21;

/** KernelText is the text of /proc/kallsyms in two parts: what modules and BPF programs have comes last. */
export interface KernelText {
  readonly kernel: Buffer;
  readonly loaded: Buffer;
}

/** splitKallsyms tells the kernel's own functions, which stay, from those that come and go. */
export function splitKallsyms(text: Buffer): KernelText {
  const tab = text.indexOf(TAB);
  const at = tab < 0 ? text.length : text.lastIndexOf(NEWLINE, tab) + 1;
  return { kernel: text.subarray(0, at), loaded: text.subarray(at) };
}

/** packFunctions reads lines of /proc/kallsyms. Where addresses are hidden, all are 0, and there is nothing to find. */
export function packFunctions(text: Buffer): PackedFunctions {
  const most = Math.ceil(text.length / SHORTEST_LINE);
  const starts = new Float64Array(most);
  const lines = new Uint32Array(most);
  let count = 0;
  let isSorted = true;
  for (let line = 0; line + NAME_AT < text.length; ) {
    const type = text[line + TYPE_AT] ?? 0;
    // Of t, T, w and W.
    const isFunction = (type & 0xdf) === 0x54 || (type & 0xdf) === 0x57;
    if (isFunction && text.compare(PADDING, 0, PADDING.length, line + NAME_AT, line + NAME_AT + PADDING.length) !== 0) {
      const start = (hex8(text, line) & HIGH_BITS) * TWO_32 + hex8(text, line + 8);
      isSorted &&= count === 0 || start >= (starts[count - 1] ?? 0);
      lines[count] = line;
      starts[count++] = start;
    }
    const end = text.indexOf(NEWLINE, line + NAME_AT);
    line = end < 0 ? text.length : end + 1;
  }
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  // Modules and BPF programs follow the kernel's own functions, wherever they lie.
  if (!isSorted) order.sort((left, right) => (starts[left] ?? 0) - (starts[right] ?? 0) || left - right);
  return packNames(
    text,
    Float64Array.from(order, (index) => starts[index] ?? 0),
    order.map((index) => lines[index] ?? 0),
  );
}

function packNames(text: Buffer, starts: Float64Array<ArrayBuffer>, lines: Uint32Array): PackedFunctions {
  const nameEnds = new Uint32Array(lines.length);
  const modules = new Uint16Array(lines.length);
  const names = new Uint8Array(text.length);
  const numbers = new Map<string, number>();
  let length = 0;
  for (let index = 0; index < lines.length; index++) {
    const start = (lines[index] ?? 0) + NAME_AT;
    let end = start;
    for (let byte = text[end] ?? 0; byte > BLANK; byte = text[++end] ?? 0) names[length++] = byte;
    nameEnds[index] = length;
    if (text[end] !== TAB) continue;
    const module = text.toString('latin1', end + 2, text.indexOf(']', end));
    const number = numbers.get(module) ?? numbers.size + 1;
    numbers.set(module, number);
    modules[index] = number;
  }
  return { starts, nameEnds, names: names.slice(0, length), modules, moduleNames: [...numbers.keys()] };
}

/** functionAt gives the function that an address lies in. */
export function functionAt(functions: PackedFunctions, address: bigint): KernelLocation | undefined {
  const { starts, nameEnds, names, modules, moduleNames } = functions;
  const place = Number(BigInt.asUintN(52, address));
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] ?? 0) <= place) low = middle + 1;
    else high = middle;
  }
  const start = starts[low - 1];
  if (start === undefined || place - start >= MAX_OFFSET) return undefined;
  const bytes = Buffer.from(names.buffer, nameEnds[low - 2] ?? 0, (nameEnds[low - 1] ?? 0) - (nameEnds[low - 2] ?? 0));
  const module = moduleNames[(modules[low - 1] ?? 0) - 1];
  const symbol = bytes.toString('latin1');
  return { symbol, offset: place - start, ...(module !== undefined && { module }) };
}
