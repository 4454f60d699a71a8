/**
 * Builds one IR function: the current block, the current span, fresh registers and stack slots. Slots are taken and
 * given back like a stack (`mark`, `release`), so that values of different statements share the 512 bytes.
 */

import type { Span } from '../../diagnostics/diagnostic.ts';
import type { HelperName } from '../bpf/helpers.ts';
import { evaluateBinary } from '../passes/evaluate.ts';
import {
  type AccessSize,
  type Base,
  type BinaryOperator,
  type Block,
  type Comparison,
  type FrameSlot,
  type Instruction,
  type IrFunction,
  isRegister,
  type Operand,
  type RegisterKind,
  type VirtualRegister,
} from './ir.ts';

/** FunctionBuilder appends to `current`; a block that has its terminator takes nothing more. */
export class FunctionBuilder {
  readonly function: IrFunction;
  current: Block;
  span: Span | undefined;
  readonly #temporary: FrameSlot[] = [];
  readonly #permanent: FrameSlot[] = [];
  #frameTop = 0;
  #frameMax = 0;
  #isCold = false;

  constructor(name: string, parameters: readonly RegisterKind[], span?: Span) {
    const registers = parameters.map((kind, id) => ({ id, kind }));
    this.function = { name, parameters: registers, blocks: [], frameSize: 0, registerCount: registers.length, span };
    this.span = span;
    this.current = this.block();
    this.function.blocks.push(this.current);
  }

  get isTerminated(): boolean {
    return this.current.terminator !== undefined;
  }

  parameter(index: number): VirtualRegister {
    const register = this.function.parameters[index];
    if (register === undefined) throw new Error(`${this.function.name} has no parameter ${index}`);
    return register;
  }

  register(kind: RegisterKind = 'integer', name?: string): VirtualRegister {
    return { id: this.function.registerCount++, kind, ...(name !== undefined && { name }) };
  }

  // ---- blocks ----

  /** A block that becomes part of the function when `enter`ed. */
  block(isCold = false): Block {
    return { id: -1, instructions: [], terminator: undefined, isCold: isCold || this.#isCold };
  }

  /** Blocks that `body` makes are cold, all of them. */
  inCold(body: () => void): void {
    const outer = this.#isCold;
    this.#isCold = true;
    body();
    this.#isCold = outer;
  }

  /** Continues in `block`; falls into it from the current one if that is still open. */
  enter(block: Block): void {
    if (!this.isTerminated) this.jump(block);
    this.function.blocks.push(block);
    this.current = block;
  }

  jump(target: Block): void {
    if (this.isTerminated) return;
    this.current.terminator = { op: 'jump', target, span: this.span };
  }

  branch(comparison: Comparison, left: Operand, right: Operand, consequent: Block, alternate: Block): void {
    if (this.isTerminated) return;
    this.current.terminator = { op: 'branch', comparison, left, right, consequent, alternate, span: this.span };
  }

  return(value: Operand): void {
    if (this.isTerminated) return;
    this.current.terminator = { op: 'return', value, span: this.span };
  }

  // ---- stack ----

  mark(): number {
    return this.#frameTop;
  }

  release(mark: number): void {
    this.#frameTop = mark;
  }

  /** A slot that `release` gives back. */
  slot(size: number): FrameSlot {
    const rounded = roundUp(size);
    this.#frameTop += rounded;
    this.#frameMax = Math.max(this.#frameMax, this.#frameTop);
    const slot = { slot: this.#temporary.length, offset: this.#frameTop, size: rounded };
    this.#temporary.push(slot);
    return slot;
  }

  /** A slot for the whole function; its size may still grow. */
  permanent(size: number): FrameSlot {
    const slot = { slot: this.#permanent.length, offset: 0, size: roundUp(size) };
    this.#permanent.push(slot);
    return slot;
  }

  /** finish settles where slots lie: permanent ones next to the frame pointer, the others share what is below. */
  finish(): IrFunction {
    let top = 0;
    for (const slot of this.#permanent) {
      top += slot.size;
      slot.offset = -top;
    }
    for (const slot of this.#temporary) slot.offset = -(top + slot.offset);
    this.function.frameSize = top + this.#frameMax;
    return this.function;
  }

  // ---- instructions ----

  emit(instruction: Instruction): void {
    if (this.isTerminated) return;
    this.current.instructions.push(this.span === undefined ? instruction : { ...instruction, span: this.span });
  }

  move(dst: VirtualRegister, source: Operand): void {
    this.emit({ op: 'move', dst, source });
  }

  copy(source: Operand, kind: RegisterKind = 'integer'): VirtualRegister {
    const dst = this.register(kind);
    this.move(dst, source);
    return dst;
  }

  binary(operator: BinaryOperator, left: Operand, right: Operand): Operand {
    if (typeof left === 'bigint' && typeof right === 'bigint') {
      const folded = evaluateBinary(operator, left, right);
      if (folded !== undefined) return folded;
    }
    if (right === 0n && (operator === 'add' || operator === 'subtract' || operator.startsWith('shift'))) return left;
    const isPointer = typeof left === 'object' && left.kind !== 'integer';
    const dst = this.register(isPointer ? left.kind : 'integer');
    this.emit({ op: 'binary', operator, dst, left, right });
    return dst;
  }

  /** Like `binary` for pointers, which must end up in a register. */
  advance(pointer: VirtualRegister, by: Operand): VirtualRegister {
    const moved = this.binary('add', pointer, by);
    return typeof moved === 'bigint' ? pointer : moved;
  }

  extend(source: Operand, bits: 8 | 16 | 32, isSigned: boolean): Operand {
    if (typeof source === 'bigint') {
      return BigInt.asUintN(64, isSigned ? BigInt.asIntN(bits, source) : BigInt.asUintN(bits, source));
    }
    const dst = this.register();
    this.emit({ op: 'extend', dst, source, bits, isSigned });
    return dst;
  }

  load(base: Base, offset: number, size: AccessSize, options: LoadOptions = {}): VirtualRegister {
    const dst = this.register(options.kind ?? 'integer');
    const place = this.#within(base, offset);
    this.emit({ op: 'load', dst, ...place, size, ...(options.isInvariant && { isInvariant: true }) });
    return dst;
  }

  store(base: Base, offset: number, size: AccessSize, value: Operand): void {
    this.emit({ op: 'store', ...this.#within(base, offset), size, value });
  }

  /** An instruction has 16 bits for the offset; a program with a hundred histograms keeps them in one map value. */
  #within(base: Base, offset: number): { readonly base: Base; readonly offset: number } {
    const fits = offset >= -0x8000 && offset <= 0x7fff;
    return fits || !isRegister(base)
      ? { base, offset }
      : { base: this.advance(base, BigInt.asUintN(64, BigInt(offset))), offset: 0 };
  }

  frameAddress(slot: FrameSlot, offset = 0): VirtualRegister {
    const dst = this.register('stack');
    this.emit({ op: 'frameAddress', dst, slot, offset });
    return dst;
  }

  mapHandle(map: number): VirtualRegister {
    const dst = this.register('map');
    this.emit({ op: 'mapHandle', dst, map });
    return dst;
  }

  mapValue(map: number, offset: number): VirtualRegister {
    const dst = this.register('mapValue');
    this.emit({ op: 'mapValue', dst, map, offset });
    return dst;
  }

  functionAddress(callee: string): VirtualRegister {
    const dst = this.register('function');
    this.emit({ op: 'functionAddress', dst, callee });
    return dst;
  }

  call(helper: HelperName, args: readonly Operand[], kind: RegisterKind = 'integer'): VirtualRegister {
    const dst = this.register(kind);
    this.emit({ op: 'call', dst, helper, args });
    return dst;
  }

  callKfunc(name: string, args: readonly Operand[], kind: RegisterKind = 'integer'): VirtualRegister {
    const dst = this.register(kind);
    this.emit({ op: 'callKfunc', dst, name, args });
    return dst;
  }

  callFunction(callee: string, args: readonly Operand[]): VirtualRegister {
    const dst = this.register();
    this.emit({ op: 'callFunction', dst, callee, args });
    return dst;
  }
}

function roundUp(size: number): number {
  return Math.max(8, Math.ceil(size / 8) * 8);
}

interface LoadOptions {
  readonly isInvariant?: boolean;
  readonly kind?: RegisterKind;
}
