/**
 * The IR as text (`-d ir`).
 */

import type { Base, Block, Instruction, IrFunction, Operand, Terminator } from './ir.ts';
import { isRegister } from './ir.ts';

const SYMBOLS: Readonly<Record<string, string>> = {
  add: '+',
  subtract: '-',
  multiply: '*',
  divide: '/',
  remainder: '%',
  and: '&',
  or: '|',
  xor: '^',
  shiftLeft: '<<',
  shiftRight: '>>',
  shiftRightSigned: 's>>',
  equal: '==',
  notEqual: '!=',
  less: '<',
  lessOrEqual: '<=',
  greater: '>',
  greaterOrEqual: '>=',
  lessSigned: 's<',
  lessOrEqualSigned: 's<=',
  greaterSigned: 's>',
  greaterOrEqualSigned: 's>=',
  test: '&',
};

/** printFunction gives a function as text, one block after the other. */
export function printFunction(fn: IrFunction): string {
  const numbers = new Map(fn.blocks.map((block, index) => [block, index]));
  const label = (block: Block) => `b${numbers.get(block) ?? '?'}`;
  const parameters = fn.parameters.map((parameter) => `${show(parameter)}: ${parameter.kind}`).join(', ');
  const lines = [`fn ${fn.name}(${parameters}) frame ${fn.frameSize} {`];
  for (const block of fn.blocks) {
    lines.push(`${label(block)}:${block.isCold ? ' // cold' : ''}`);
    for (const instruction of block.instructions) lines.push(`  ${printInstruction(instruction)}`);
    lines.push(`  ${block.terminator === undefined ? 'unterminated' : printTerminator(block.terminator, label)}`);
  }
  lines.push('}');
  return lines.join('\n');
}

/** printInstruction gives one instruction as text. */
export function printInstruction(instruction: Instruction): string {
  switch (instruction.op) {
    case 'move':
      return `${show(instruction.dst)} = ${show(instruction.source)}`;
    case 'binary':
      return `${show(instruction.dst)} = ${show(instruction.left)} ${SYMBOLS[instruction.operator]} ${show(instruction.right)}`;
    case 'negate':
      return `${show(instruction.dst)} = -${show(instruction.source)}`;
    case 'extend':
      return `${show(instruction.dst)} = ${instruction.isSigned ? 's' : 'u'}${instruction.bits} ${show(instruction.source)}`;
    case 'swap':
      return `${show(instruction.dst)} = swap${instruction.bits} ${show(instruction.source)}`;
    case 'load':
      return `${show(instruction.dst)} = load${instruction.size * 8} ${place(instruction.base, instruction.offset)}${instruction.isInvariant ? ' invariant' : ''}`;
    case 'store':
      return `store${instruction.size * 8} ${place(instruction.base, instruction.offset)}, ${show(instruction.value)}`;
    case 'atomicAdd':
      return `${instruction.dst ? `${show(instruction.dst)} = ` : ''}atomic_add ${place(instruction.base, instruction.offset)}, ${show(instruction.value)}`;
    case 'compareExchange':
      return `${show(instruction.dst)} = cmpxchg ${place(instruction.base, instruction.offset)}, ${show(instruction.expected)}, ${show(instruction.value)}`;
    case 'frameAddress':
      return `${show(instruction.dst)} = &${place(instruction.slot, instruction.offset)}`;
    case 'mapHandle':
      return `${show(instruction.dst)} = map ${instruction.map}`;
    case 'mapValue':
      return `${show(instruction.dst)} = map ${instruction.map} value+${instruction.offset}`;
    case 'btfVariable':
      return `${show(instruction.dst)} = btf variable ${instruction.btfId}`;
    case 'functionAddress':
      return `${show(instruction.dst)} = &${instruction.callee}`;
    case 'call':
      return `${instruction.dst ? `${show(instruction.dst)} = ` : ''}${instruction.helper}(${instruction.args.map(show).join(', ')})`;
    case 'callFunction':
      return `${instruction.dst ? `${show(instruction.dst)} = ` : ''}fn ${instruction.callee}(${instruction.args.map(show).join(', ')})`;
    case 'callKfunc':
      return `${instruction.dst ? `${show(instruction.dst)} = ` : ''}kfunc ${instruction.name}(${instruction.args.map(show).join(', ')})`;
    case 'probeRead':
      return `${show(instruction.dst)} = read_${instruction.space}${instruction.size * 8} [${show(instruction.address)}+${instruction.offset}]`;
  }
}

function printTerminator(terminator: Terminator, label: (block: Block) => string): string {
  switch (terminator.op) {
    case 'jump':
      return `goto ${label(terminator.target)}`;
    case 'branch':
      return `if ${show(terminator.left)} ${SYMBOLS[terminator.comparison]} ${show(terminator.right)} goto ${label(terminator.consequent)} else ${label(terminator.alternate)}`;
    case 'return':
      return `return ${show(terminator.value)}`;
  }
}

function show(operand: Operand): string {
  if (typeof operand === 'bigint') return BigInt.asIntN(64, operand).toString();
  return operand.name === undefined ? `%${operand.id}` : `%${operand.id}.${operand.name}`;
}

function place(base: Base, offset: number): string {
  return isRegister(base) ? `[${show(base)}+${offset}]` : `[frame${base.offset + offset}]`;
}
