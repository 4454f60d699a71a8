/**
 * Allocated IR to machine instructions of one function. Jumps are resolved here; calls of other functions, maps and
 * kernel symbols stay symbolic until linking and loading.
 */

import type { Span } from '../diagnostics/diagnostic.ts';
import { helperInfo } from './bpf/helpers.ts';
import {
  ALU_CODES,
  ATOMIC_ADD,
  ATOMIC_COMPARE_EXCHANGE,
  ATOMIC_FETCH,
  type BpfInstruction,
  BYTE_SWAP,
  CALL,
  CALL_KIND,
  CLASS,
  EXIT,
  instructionSlots,
  JUMP,
  JUMP_CODES,
  LOAD_IMMEDIATE_64,
  MODE_ATOMIC,
  MODE_MEMORY,
  PSEUDO,
  SIZE_CODES,
  SOURCE_REGISTER,
} from './bpf/instruction.ts';
import {
  type Base,
  type BinaryOperator,
  type Block,
  type Comparison,
  type Instruction,
  type IrFunction,
  isRegister,
  type Operand,
  type Terminator,
} from './ir/ir.ts';
import type { Relocation } from './object.ts';
import { fitsImmediate, NEGATED } from './passes/evaluate.ts';
import type { Allocation } from './registers/allocate.ts';
import { sequentialMoves } from './registers/parallel-moves.ts';

/** Slot numbers are relative to the function's start. */
export interface EmittedFunction {
  readonly name: string;
  readonly instructions: BpfInstruction[];
  readonly relocations: Relocation[];
  /** Calls and addresses of other functions of the program, by instruction index and slot. */
  readonly references: { readonly index: number; readonly slot: number; readonly callee: string }[];
  readonly lines: { readonly slot: number; readonly span: Span }[];
  readonly slots: number;
  /** A jump leads further than an instruction can say. */
  readonly isTooLong: boolean;
}

const FRAME_POINTER = 10;
/** Offsets of jumps have 16 bits. */
const LONGEST_JUMP = 0x7fff;

/** emitFunction expects numbered blocks in layout order. */
export function emitFunction(fn: IrFunction, allocation: Allocation): EmittedFunction {
  return new Emitter(fn, allocation).run();
}

class Emitter {
  readonly #fn: IrFunction;
  readonly #allocation: Allocation;
  readonly #instructions: BpfInstruction[] = [];
  readonly #relocations: Relocation[] = [];
  readonly #references: { index: number; slot: number; callee: string }[] = [];
  readonly #lines: { slot: number; span: Span }[] = [];
  readonly #jumps: { index: number; slot: number; target: Block }[] = [];
  readonly #starts = new Map<Block, number>();
  #slot = 0;

  constructor(fn: IrFunction, allocation: Allocation) {
    this.#fn = fn;
    this.#allocation = allocation;
  }

  run(): EmittedFunction {
    const { blocks } = this.#fn;
    this.#line(this.#fn.span);
    this.#moves(
      this.#fn.parameters.map((parameter, index) => ({ to: this.#allocation.get(parameter.id), from: index + 1 })),
    );
    blocks.forEach((block, index) => {
      this.#starts.set(block, this.#slot);
      for (const instruction of block.instructions) {
        this.#line(instruction.span);
        this.#instruction(instruction);
      }
      if (block.terminator === undefined) throw new Error(`open block in ${this.#fn.name}`);
      this.#line(block.terminator.span);
      this.#terminator(block.terminator, blocks[index + 1]);
    });
    let isTooLong = false;
    for (const { index, slot, target } of this.#jumps) {
      const instruction = this.#instructions[index];
      const start = this.#starts.get(target);
      if (instruction === undefined || start === undefined) throw new Error(`lost jump in ${this.#fn.name}`);
      const offset = start - slot - 1;
      if (Math.abs(offset) > LONGEST_JUMP) isTooLong = true;
      this.#instructions[index] = { ...instruction, offset };
    }
    return {
      name: this.#fn.name,
      instructions: this.#instructions,
      relocations: this.#relocations,
      references: this.#references,
      lines: this.#lines,
      slots: this.#slot,
      isTooLong,
    };
  }

  #line(span: Span | undefined): void {
    if (span === undefined) return;
    const last = this.#lines[this.#lines.length - 1];
    if (last?.slot === this.#slot) this.#lines.pop();
    const previous = this.#lines[this.#lines.length - 1];
    if (previous?.span === span) return;
    this.#lines.push({ slot: this.#slot, span });
  }

  #push(instruction: BpfInstruction): void {
    this.#instructions.push(instruction);
    this.#slot += instructionSlots(instruction);
  }

  #register(operand: Operand): number {
    if (typeof operand === 'bigint') throw new Error(`constant where a register must be in ${this.#fn.name}`);
    const register = this.#allocation.get(operand.id);
    if (register === undefined) throw new Error(`%${operand.id} has no register in ${this.#fn.name}`);
    return register;
  }

  #base(base: Base): { readonly register: number; readonly offset: number } {
    if (isRegister(base)) return { register: this.#register(base), offset: 0 };
    return { register: FRAME_POINTER, offset: base.offset };
  }

  #alu(operator: keyof typeof ALU_CODES, dst: number, right: number | { readonly constant: bigint }): void {
    const isRegisterSource = typeof right === 'number';
    this.#push({
      code: CLASS.alu64 | ALU_CODES[operator] | (isRegisterSource ? SOURCE_REGISTER : 0),
      dst,
      src: isRegisterSource ? right : 0,
      offset: 0,
      immediate: isRegisterSource ? 0 : Number(BigInt.asIntN(64, right.constant)),
    });
  }

  #moveTo(dst: number, source: Operand | number): void {
    if (typeof source === 'number') {
      if (source !== dst) this.#alu('move', dst, source);
    } else if (typeof source === 'object') {
      this.#moveTo(dst, this.#register(source));
    } else if (fitsImmediate(source)) {
      this.#alu('move', dst, { constant: source });
    } else {
      this.#load64(dst, PSEUDO.constant, source);
    }
  }

  #load64(dst: number, kind: number, immediate: bigint): void {
    this.#push({ code: LOAD_IMMEDIATE_64, dst, src: kind, offset: 0, immediate });
  }

  #moves(moves: readonly { readonly to: number | undefined; readonly from: number | bigint }[]): void {
    const known = moves.flatMap((move) => (move.to === undefined ? [] : [{ to: move.to, from: move.from }]));
    for (const move of sequentialMoves(known)) this.#moveTo(move.to, move.from);
  }

  #instruction(instruction: Instruction): void {
    switch (instruction.op) {
      case 'move':
        this.#moveTo(this.#register(instruction.dst), instruction.source);
        break;
      case 'binary':
        this.#binary(
          instruction.operator,
          this.#register(instruction.dst),
          this.#register(instruction.left),
          instruction.right,
        );
        break;
      case 'negate': {
        const dst = this.#register(instruction.dst);
        this.#moveTo(dst, instruction.source);
        this.#push({ code: CLASS.alu64 | ALU_CODES.negate, dst, src: 0, offset: 0, immediate: 0 });
        break;
      }
      case 'extend':
        this.#extend(this.#register(instruction.dst), instruction.source, instruction.bits, instruction.isSigned);
        break;
      case 'swap': {
        const dst = this.#register(instruction.dst);
        this.#moveTo(dst, instruction.source);
        this.#push({ code: BYTE_SWAP, dst, src: 0, offset: 0, immediate: instruction.bits });
        break;
      }
      case 'load': {
        const { register, offset } = this.#base(instruction.base);
        const code = CLASS.ldx | MODE_MEMORY | sizeCode(instruction.size);
        const dst = this.#register(instruction.dst);
        this.#push({ code, dst, src: register, offset: offset + instruction.offset, immediate: 0 });
        break;
      }
      case 'store': {
        const { register, offset } = this.#base(instruction.base);
        const place = { dst: register, offset: offset + instruction.offset };
        const size = sizeCode(instruction.size);
        if (typeof instruction.value === 'bigint') {
          const immediate = Number(BigInt.asIntN(64, instruction.value));
          this.#push({ code: CLASS.st | MODE_MEMORY | size, ...place, src: 0, immediate });
        } else {
          const src = this.#register(instruction.value);
          this.#push({ code: CLASS.stx | MODE_MEMORY | size, ...place, src, immediate: 0 });
        }
        break;
      }
      case 'atomicAdd': {
        const { register, offset } = this.#base(instruction.base);
        const place = { dst: register, offset: offset + instruction.offset };
        const code = CLASS.stx | MODE_ATOMIC | sizeCode(8);
        if (instruction.dst === undefined) {
          this.#push({ code, ...place, src: this.#register(instruction.value), immediate: ATOMIC_ADD });
        } else {
          const src = this.#register(instruction.dst);
          this.#moveTo(src, instruction.value);
          this.#push({ code, ...place, src, immediate: ATOMIC_ADD | ATOMIC_FETCH });
        }
        break;
      }
      case 'compareExchange': {
        const { register, offset } = this.#base(instruction.base);
        this.#moveTo(0, instruction.expected);
        this.#push({
          code: CLASS.stx | MODE_ATOMIC | sizeCode(8),
          dst: register,
          src: this.#register(instruction.value),
          offset: offset + instruction.offset,
          immediate: ATOMIC_COMPARE_EXCHANGE,
        });
        this.#moveTo(this.#register(instruction.dst), 0);
        break;
      }
      case 'frameAddress':
        this.#moveTo(this.#register(instruction.dst), FRAME_POINTER);
        this.#alu('add', this.#register(instruction.dst), {
          constant: BigInt(instruction.slot.offset + instruction.offset),
        });
        break;
      case 'mapHandle':
        this.#relocations.push({ instruction: this.#slot, target: { kind: 'map', map: instruction.map } });
        this.#load64(this.#register(instruction.dst), PSEUDO.map, 0n);
        break;
      case 'mapValue': {
        const { map, offset } = instruction;
        this.#relocations.push({ instruction: this.#slot, target: { kind: 'mapValue', map, offset } });
        this.#load64(this.#register(instruction.dst), PSEUDO.mapValue, BigInt(offset) << 32n);
        break;
      }
      case 'btfVariable':
        this.#relocations.push({
          instruction: this.#slot,
          target: { kind: 'btfVariable', btfId: instruction.btfId },
        });
        this.#load64(this.#register(instruction.dst), PSEUDO.btfVariable, BigInt(instruction.btfId));
        break;
      case 'functionAddress':
        this.#reference(instruction.callee);
        this.#load64(this.#register(instruction.dst), PSEUDO.function, 0n);
        break;
      case 'call':
        this.#arguments(instruction.args);
        this.#push({
          code: CALL,
          dst: 0,
          src: CALL_KIND.helper,
          offset: 0,
          immediate: helperInfo(instruction.helper).id,
        });
        this.#result(instruction.dst);
        break;
      case 'callFunction':
        this.#arguments(instruction.args);
        this.#reference(instruction.callee);
        this.#push({ code: CALL, dst: 0, src: CALL_KIND.program, offset: 0, immediate: 0 });
        this.#result(instruction.dst);
        break;
      case 'callKfunc':
        this.#arguments(instruction.args);
        this.#relocations.push({ instruction: this.#slot, target: { kind: 'kfunc', name: instruction.name } });
        this.#push({ code: CALL, dst: 0, src: CALL_KIND.kfunc, offset: 0, immediate: 0 });
        this.#result(instruction.dst);
        break;
      case 'probeRead':
        throw new Error('probeRead must have been expanded');
    }
  }

  #reference(callee: string): void {
    this.#references.push({ index: this.#instructions.length, slot: this.#slot, callee });
  }

  #arguments(args: readonly Operand[]): void {
    this.#moves(
      args.map((arg, index) => ({ to: index + 1, from: typeof arg === 'bigint' ? arg : this.#register(arg) })),
    );
  }

  #result(dst: Operand | undefined): void {
    if (dst === undefined || typeof dst === 'bigint') return;
    // A result nobody reads still has its register.
    this.#moveTo(this.#register(dst), 0);
  }

  #binary(operator: BinaryOperator, dst: number, left: number, right: Operand): void {
    if (typeof right === 'bigint') {
      this.#moveTo(dst, left);
      this.#alu(operator, dst, { constant: right });
      return;
    }
    const other = this.#register(right);
    if (other === dst && left !== dst) {
      // Liveness lets this happen for commutative operators only.
      this.#alu(operator, dst, left);
      return;
    }
    this.#moveTo(dst, left);
    this.#alu(operator, dst, other);
  }

  #extend(dst: number, source: Operand, bits: 8 | 16 | 32, isSigned: boolean): void {
    if (!isSigned && bits < 32) {
      this.#moveTo(dst, source);
      this.#alu('and', dst, { constant: bits === 8 ? 0xffn : 0xffffn });
      return;
    }
    if (!isSigned) {
      // A 32-bit move clears the upper half.
      const src = this.#register(source);
      this.#push({ code: CLASS.alu | ALU_CODES.move | SOURCE_REGISTER, dst, src, offset: 0, immediate: 0 });
      return;
    }
    this.#moveTo(dst, source);
    this.#alu('shiftLeft', dst, { constant: BigInt(64 - bits) });
    this.#alu('shiftRightSigned', dst, { constant: BigInt(64 - bits) });
  }

  #terminator(terminator: Terminator, next: Block | undefined): void {
    switch (terminator.op) {
      case 'return':
        this.#moveTo(0, terminator.value);
        this.#push({ code: EXIT, dst: 0, src: 0, offset: 0, immediate: 0 });
        break;
      case 'jump':
        if (terminator.target !== next) this.#jump(terminator.target);
        break;
      case 'branch': {
        const { comparison, left, right, consequent, alternate } = terminator;
        if (consequent === next && comparison !== 'test') {
          this.#compare(NEGATED[comparison], left, right, alternate);
          break;
        }
        this.#compare(comparison, left, right, consequent);
        if (alternate !== next) this.#jump(alternate);
        break;
      }
    }
  }

  #jump(target: Block): void {
    this.#jumps.push({ index: this.#instructions.length, slot: this.#slot, target });
    this.#push({ code: JUMP, dst: 0, src: 0, offset: 0, immediate: 0 });
  }

  #compare(comparison: Comparison, left: Operand, right: Operand, target: Block): void {
    this.#jumps.push({ index: this.#instructions.length, slot: this.#slot, target });
    const isConstant = typeof right === 'bigint';
    this.#push({
      code: CLASS.jmp | JUMP_CODES[comparison] | (isConstant ? 0 : SOURCE_REGISTER),
      dst: this.#register(left),
      src: isConstant ? 0 : this.#register(right),
      offset: 0,
      immediate: isConstant ? Number(BigInt.asIntN(64, right)) : 0,
    });
  }
}

function sizeCode(size: number): number {
  const code = SIZE_CODES[size];
  if (code === undefined) throw new Error(`no access of ${size} bytes`);
  return code;
}
