/**
 * Expressions as text: parentheses only where the tree needs them, by the same table of operators that the grammar
 * uses. What is printed is read back as the same tree.
 */

import type { BinaryOperator, BlockExpression, Expression, If, TypeExpression } from './ast.ts';
import { isBuiltinName } from './docs.ts';
import { BINARY_LEVELS } from './operators.ts';
import { printType } from './print-types.ts';
import { isTypeName } from './type-names.ts';

/** How tightly a node binds; an operand that binds looser than its place demands gets parentheses. */
const LEVEL = { loosest: -1, ternary: 0, unary: 20, postfix: 30, primary: 40 } as const;

/** Blocks within expressions need the printer of statements, with the indentation at hand. */
export interface BlockPrinter {
  block(node: BlockExpression): string;
}

/** On one line, for messages and types. */
const INLINE: BlockPrinter = { block: () => '{ … }' };

/** printExpression gives an expression in canonical form. */
export function printExpression(node: Expression, blocks: BlockPrinter = INLINE): string {
  return new ExpressionPrinter(blocks).print(node);
}

/** printOperand is `printExpression` with parentheses around anything that is not a unary or tighter. */
export function printOperand(node: Expression, blocks: BlockPrinter = INLINE): string {
  return new ExpressionPrinter(blocks).at(node, LEVEL.unary);
}

/** needsParenthesesAsStatement is true of expressions that at the start of a statement would be read as one. */
export function needsParenthesesAsStatement(node: Expression): boolean {
  return node.kind === 'BlockExpression' || node.kind === 'If';
}

class ExpressionPrinter {
  readonly #blocks: BlockPrinter;

  constructor(blocks: BlockPrinter) {
    this.#blocks = blocks;
  }

  /** With parentheses if the node binds looser than `level`. */
  at(node: Expression, level: number): string {
    const text = this.print(node);
    return levelOf(node) < level ? `(${text})` : text;
  }

  print(node: Expression): string {
    switch (node.kind) {
      case 'IntegerLiteral':
        return node.text;
      case 'StringLiteral':
        return printString(node.value);
      case 'BooleanLiteral':
        return String(node.value);
      case 'Variable':
      case 'Identifier':
        return node.name;
      case 'MapAccess':
        return node.keys ? `${node.name}[${this.#list(node.keys)}]` : node.name;
      case 'PositionalParameter':
        return `$${node.index}`;
      case 'ParameterCount':
        return '$#';
      case 'Call':
        return `${node.name}(${node.args.map((argument) => this.#typeOrExpression(argument)).join(', ')})`;
      case 'Unary':
        return prefixed(node.operator, this.at(node.operand, LEVEL.unary));
      case 'AddressOf':
        return prefixed('&', this.at(node.operand, LEVEL.unary));
      case 'IncrementDecrement':
        return node.isPrefix
          ? prefixed(node.operator, this.at(node.operand, LEVEL.unary))
          : `${this.at(node.operand, LEVEL.postfix)}${node.operator}`;
      case 'Binary': {
        const level = BINARY_LEVELS.get(node.operator)?.level ?? 0;
        return this.#binary(node, level);
      }
      case 'Ternary':
        return this.#ternary(node);
      case 'Cast':
        return `(${printType(node.type)})${this.#castOperand(node.type, node.operand)}`;
      case 'Member':
        return `${this.at(node.object, LEVEL.postfix)}${node.isArrow ? '->' : '.'}${node.name}`;
      case 'TupleElement': {
        // `0.1` is no element of 0: it would be a floating-point number.
        const object = this.at(node.object, LEVEL.postfix);
        return `${node.object.kind === 'IntegerLiteral' ? `(${object})` : object}${node.isArrow ? '->' : '.'}${node.index}`;
      }
      case 'Index':
        return `${this.#indexed(node.object)}[${this.print(node.index)}]`;
      case 'Tuple':
        return node.elements.length === 1 ? `(${this.#list(node.elements)},)` : `(${this.#list(node.elements)})`;
      case 'Record':
        return `(${node.fields.map((field) => `${field.name}=${this.print(field.value)}`).join(', ')})`;
      case 'BlockExpression':
        return this.#block(node);
      case 'If':
        return this.#if(node);
      case 'SizeOf':
        return `sizeof(${this.#operand(node.operand)})`;
      case 'TypeOf':
        return `typeof(${this.#operand(node.operand)})`;
      case 'TypeInfo':
        return `typeinfo(${this.#operand(node.operand)})`;
      case 'OffsetOf':
        return `offsetof(${this.#operand(node.operand)}, ${this.#path(node.path)})`;
      case 'Comptime':
        return `comptime ${this.print(node.operand)}`;
      case 'ErrorNode':
        return node.span.source.text.slice(node.span.start, node.span.end);
    }
  }

  #list(nodes: readonly Expression[]): string {
    return nodes.map((node) => this.print(node)).join(', ');
  }

  /** Chains are long, recursion is not: the left side is printed in a loop. */
  #binary(node: Extract<Expression, { kind: 'Binary' }>, level: number): string {
    const parts: string[] = [];
    let parent = node;
    let left: Expression = node;
    while (left.kind === 'Binary' && (BINARY_LEVELS.get(left.operator)?.level ?? 0) === level) {
      parts.unshift(` ${left.operator} ${this.#binaryOperand(left.right, level + 1, left)}`);
      parent = left;
      left = left.left;
    }
    return this.#binaryOperand(left, level, parent) + parts.join('');
  }

  #binaryOperand(operand: Expression, level: number, parent: Extract<Expression, { kind: 'Binary' }>): string {
    const isUnclear = operand.kind === 'Binary' && readsUnclear(parent.operator, operand.operator);
    return isUnclear ? `(${this.print(operand)})` : this.at(operand, level);
  }

  #ternary(node: Extract<Expression, { kind: 'Ternary' }>): string {
    const condition = this.at(node.condition, LEVEL.ternary + 1);
    const alternate = this.at(node.alternate, LEVEL.ternary);
    return node.consequent
      ? `${condition} ? ${this.at(node.consequent, LEVEL.ternary + 1)} : ${alternate}`
      : `${condition} ?: ${alternate}`;
  }

  #castOperand(type: TypeExpression, operand: Expression): string {
    const text = this.at(operand, LEVEL.unary);
    const isCertain =
      type.kind === 'PointerType' ||
      type.kind === 'TypeOf' ||
      (type.kind === 'NamedType' && (type.tag !== undefined || isTypeName(type.name))) ||
      (type.kind === 'ArrayType' && type.length === undefined);
    return !isCertain && /^[-+*&]/.test(text) ? `(${text})` : text;
  }

  /** `@m[i]` is an access by key; an index into the value of a scalar map is `(@m)[i]`. */
  #indexed(object: Expression): string {
    const text = this.at(object, LEVEL.postfix);
    return object.kind === 'MapAccess' && !object.keys ? `(${text})` : text;
  }

  /** What would be read as a type gets parentheses. */
  #operand(node: Expression | TypeExpression): string {
    if (isType(node)) return printType(node);
    const text = this.print(node);
    const looksLikeType =
      (node.kind === 'Identifier' && !isBuiltinName(node.name)) ||
      (node.kind === 'Index' && /^[A-Za-z_]/.test(text)) ||
      (node.kind === 'Binary' && /^[A-Za-z_]/.test(text));
    return looksLikeType ? `(${text})` : text;
  }

  #typeOrExpression(node: Expression | TypeExpression): string {
    return isType(node) ? printType(node) : this.print(node);
  }

  #path(path: readonly (string | Expression)[]): string {
    return path
      .map((step, index) => (typeof step === 'string' ? (index === 0 ? step : `.${step}`) : `[${this.print(step)}]`))
      .join('');
  }

  #block(node: BlockExpression): string {
    return this.#blocks.block(node);
  }

  #if(node: If): string {
    let text = '';
    for (let branch: If | BlockExpression | undefined = node; branch; ) {
      if (branch.kind === 'BlockExpression') return text + this.#block(branch);
      text += `if ${branch.isComptime ? 'comptime ' : ''}(${this.print(branch.condition)}) ${this.#block(branch.consequent)}`;
      if (branch.alternate) text += ' else ';
      branch = branch.alternate;
    }
    return text;
  }
}

/** Nobody knows by heart how bits and shifts bind beside other operators, or `&&` beside `||`. */
function readsUnclear(parent: BinaryOperator, child: BinaryOperator): boolean {
  const outer = BINARY_LEVELS.get(parent);
  const inner = BINARY_LEVELS.get(child);
  if (!outer || !inner || outer.level === inner.level) return false;
  if (outer.group === 'logical') return inner.group === 'logical' || inner.group === 'bitwise';
  return [outer.group, inner.group].some((group) => group === 'bitwise' || group === 'shift');
}

const TYPE_KINDS: ReadonlySet<string> = new Set<TypeExpression['kind']>([
  'NamedType',
  'PointerType',
  'ArrayType',
  'TupleType',
  'RecordType',
]);

function isType(node: Expression | TypeExpression): node is Exclude<TypeExpression, { kind: 'TypeOf' }> {
  return TYPE_KINDS.has(node.kind);
}

function levelOf(node: Expression): number {
  switch (node.kind) {
    case 'Ternary':
      return LEVEL.ternary;
    case 'Comptime':
    case 'BlockExpression':
    case 'If':
      return LEVEL.loosest;
    case 'Binary':
      return BINARY_LEVELS.get(node.operator)?.level ?? 0;
    case 'Unary':
    case 'AddressOf':
    case 'Cast':
      return LEVEL.unary;
    case 'IncrementDecrement':
      return node.isPrefix ? LEVEL.unary : LEVEL.postfix;
    case 'Member':
    case 'TupleElement':
    case 'Index':
      return LEVEL.postfix;
    default:
      return LEVEL.primary;
  }
}

/** `- -x` must not become `--x`, nor `& &x` a `&&x`. */
function prefixed(operator: string, operand: string): string {
  const last = operator.slice(-1);
  return (last === '-' || last === '&') && operand.startsWith(last) ? `${operator} ${operand}` : operator + operand;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\t', '\\t'],
  ['\r', '\\r'],
  ['"', '\\"'],
  ['\\', '\\\\'],
]);

/** printString gives a string literal. */
export function printString(value: string): string {
  const body = value.replace(/[\x00-\x1f"\\\x7f\udc80-\udcff]/g, (unit, offset: number) => {
    const code = unit.charCodeAt(0);
    // The second half of a pair is no lone surrogate.
    if (code >= 0xdc80 && isHighSurrogate(value.charCodeAt(offset - 1))) return unit;
    return ESCAPES.get(unit) ?? `\\x${(code >= 0xdc80 ? code - 0xdc00 : code).toString(16).padStart(2, '0')}`;
  });
  return `"${body}"`;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
