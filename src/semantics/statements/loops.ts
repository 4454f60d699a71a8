/**
 * Loops, jumps and return.
 */

import type { Break, Continue, Expression, For, Range, Return, Unroll, While } from '../../language/ast.ts';
import { type Checker, isPoison } from '../checker.ts';
import { commonInteger } from '../expressions/binary.ts';
import { checkValue } from '../expressions/check.ts';
import { asCondition, castableInteger, castTo, isAggregate, isWord } from '../expressions/coerce.ts';
import { constantInteger } from '../expressions/constants.ts';
import { undefinedMap } from '../expressions/maps.ts';
import type { TypedStatement } from '../program.ts';
import { INT64, settle } from '../promote.ts';
import type { VariableInfo } from '../symbols.ts';
import { typeName } from '../type-names.ts';
import type { Type } from '../types.ts';
import { checkBlock } from './check.ts';

export function checkWhile(checker: Checker, node: While): readonly TypedStatement[] {
  checker.warning('deprecated-while', 'while loops are deprecated', node.span, {
    hints: ['use a for loop over a range: for $i : 0..100 { … }'],
  });
  checker.loopDepth++;
  const condition = asCondition(checker, checkValue(checker, node.condition), 'while()');
  const body = checkBlock(checker, node.body);
  checker.loopDepth--;
  return [{ kind: 'while', condition, body, span: node.span }];
}

const MAX_UNROLL = 100n;
/** Copies of one body by all the loops around it: beyond this no kernel takes the program. */
const MAX_COPIES = 100_000;

export function checkUnroll(checker: Checker, node: Unroll): readonly TypedStatement[] {
  const value = checkValue(checker, node.count);
  const count = constantInteger(value);
  if (isPoison(value)) {
    // Reported already; the body is checked all the same.
  } else if (count === undefined)
    checker.error('not-constant', 'invalid unroll value', node.count.span, {
      hints: ['the count must be a literal or a positional parameter'],
    });
  else if (count > MAX_UNROLL) checker.error('unroll-range', `unroll maximum value is ${MAX_UNROLL}`, node.count.span);
  else if (count < 1n) checker.error('unroll-range', 'unroll minimum value is 1', node.count.span);
  checker.loopDepth++;
  const outer = checker.unrolledCopies;
  checker.unrolledCopies *= Math.max(1, Number(count ?? 1n));
  if (checker.unrolledCopies > MAX_COPIES)
    checker.error(
      'unroll-range',
      `unroll within unroll makes ${checker.unrolledCopies} copies of this, more than a program can hold`,
      node.span,
      { hints: ['use a for loop over a range: for $i : 0..100 { … }'] },
    );
  const body = checkBlock(checker, node.body);
  checker.unrolledCopies = outer;
  checker.loopDepth--;
  return [{ kind: 'unroll', count: Number(count ?? 1n), body, span: node.span }];
}

export function checkFor(checker: Checker, node: For): readonly TypedStatement[] {
  const { iterable } = node;
  return iterable.kind === 'Range' ? checkRangeLoop(checker, node, iterable) : checkMapLoop(checker, node, iterable);
}

function checkRangeLoop(checker: Checker, node: For, range: Range): readonly TypedStatement[] {
  const start = checkValue(checker, range.start);
  const end = checkValue(checker, range.end);
  for (const bound of [start, end]) {
    if (!isPoison(bound) && bound.type.kind !== 'integer')
      checker.error(
        'invalid-range',
        `Loop range requires an integer for its bounds (${typeName(bound.type)} provided)`,
        bound.span,
      );
  }
  // From literals upwards: no index is negative.
  const type = start.type.kind === 'integer' && end.type.kind === 'integer' ? commonInteger(start, end) : INT64;
  return inLoop(checker, node, type, (variable) => [
    {
      kind: 'forRange',
      variable: checker.symbols.slot(variable),
      start: castTo(start, type),
      end: castTo(end, type),
      body: checkBlock(checker, node.body),
      span: node.span,
    },
  ]);
}

function checkMapLoop(checker: Checker, node: For, iterable: Expression): readonly TypedStatement[] {
  if (iterable.kind !== 'MapAccess' || iterable.keys !== undefined) {
    const value = checkValue(checker, iterable);
    if (!isPoison(value))
      checker.error(
        'not-iterable',
        `Loop expression must be a map or a range (${typeName(value.type)} provided)`,
        iterable.span,
      );
    return inLoop(checker, node, { kind: 'none' }, () => {
      checkBlock(checker, node.body);
      return [];
    });
  }
  const map = checker.symbols.map(iterable.name, iterable.span);
  if (map.isScalar === true)
    checker.error(
      'scalar-map',
      `${map.name} has no explicit keys (scalar map), and cannot be used for iteration`,
      iterable.span,
    );
  else if (map.value.type.kind === 'none') undefinedMap(checker, map.name, iterable.span);
  else if (isAggregate(map.value.type) && castableInteger(map.value.type) === undefined)
    checker.error('not-iterable', `Loop expression does not support type: ${typeName(map.value.type)}`, iterable.span);
  const value = castableInteger(map.value.type) ?? settle(map.value.type);
  const isKnown = map.isScalar !== true && value.kind !== 'none' && !isAggregate(value);
  const type: Type = isKnown ? { kind: 'tuple', elements: [settle(map.key.type), value] } : { kind: 'none' };
  return inLoop(checker, node, type, (variable) => [
    {
      kind: 'forMap',
      variable: checker.symbols.slot(variable),
      map: checker.symbols.mapSymbol(map),
      body: checkBlock(checker, node.body),
      span: node.span,
    },
  ]);
}

function inLoop(
  checker: Checker,
  node: For,
  type: Type,
  build: (variable: VariableInfo) => readonly TypedStatement[],
): readonly TypedStatement[] {
  const { name, span } = node.variable;
  if (checker.variables?.find(name) !== undefined)
    checker.error('variable-shadowing', `Loop declaration shadows existing variable: ${name}`, span);
  checker.variables?.open();
  const variable = checker.variables?.declare(node, name, span, {
    isExplicit: true,
    isLoopVariable: true,
  });
  let statements: readonly TypedStatement[] = [];
  if (variable !== undefined) {
    variable.isAssigned = true;
    checker.symbols.grow(variable.cell, type);
    checker.loopDepth++;
    checker.forDepth++;
    statements = build(variable);
    checker.forDepth--;
    checker.loopDepth--;
  }
  checker.variables?.close();
  return statements;
}

export function checkJump(checker: Checker, node: Break | Continue): readonly TypedStatement[] {
  const word = node.kind === 'Break' ? 'break' : 'continue';
  if (checker.loopDepth === 0) {
    checker.error('not-in-loop', `${word} statement must be inside a loop`, node.span);
    return [];
  }
  return [{ kind: word, span: node.span }];
}

export function checkReturn(checker: Checker, node: Return): readonly TypedStatement[] {
  const { span } = node;
  const { returnType } = checker;
  if (node.value === undefined) {
    if (returnType !== undefined && returnType.kind !== 'void')
      checker.error('return-type', `return needs a value of type ${typeName(returnType)} here`, span);
    return [{ kind: 'return', span }];
  }
  const value = checkValue(checker, node.value);
  if (isPoison(value)) return [{ kind: 'return', span }];
  if (returnType !== undefined) {
    if (returnType.kind === 'none') return [{ kind: 'return', span }];
    if (isWord(value.type) && isWord(returnType)) return [{ kind: 'return', value: castTo(value, returnType), span }];
    checker.error(
      'return-type',
      returnType.kind === 'void'
        ? `return takes no value in a function of type void (${typeName(value.type)} provided)`
        : `return expects ${typeName(returnType)} (${typeName(value.type)} provided)`,
      node.value.span,
    );
    return [{ kind: 'return', span }];
  }
  if (value.type.kind !== 'integer' && value.type.kind !== 'bool' && value.type.kind !== 'enum')
    checker.error('return-type', `return expects an integer (${typeName(value.type)} provided)`, node.value.span);
  return [{ kind: 'return', value: castTo(value, INT64), span }];
}
