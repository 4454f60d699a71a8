/**
 * Expressions with branches and blocks: ternary, `if` as a value, block expressions, compile-time branches.
 */

import type { Span } from '../../diagnostics/diagnostic.ts';
import type { BlockExpression, Expression, If, Ternary } from '../../language/ast.ts';
import { type Checker, isPoison, poison } from '../checker.ts';
import type { TypedBlock, TypedExpression } from '../program.ts';
import { joinTypes, settle, VOID } from '../promote.ts';
import { checkStatements } from '../statements/check.ts';
import { typeName } from '../type-names.ts';
import { checkExpression, checkValue } from './check.ts';
import { asCondition, castTo, readAggregate } from './coerce.ts';
import { constantInteger } from './constants.ts';

export function checkTernary(checker: Checker, node: Ternary): TypedExpression {
  if (node.consequent === undefined) return checkElvis(checker, node);
  const condition = asCondition(checker, checkValue(checker, node.condition), 'ternary');
  const { consequent, alternate, span } = node;
  const known = constantInteger(condition);
  const yes = checker.inBranch(true, known, () => checkValue(checker, consequent));
  const no = checker.inBranch(false, known, () => checkValue(checker, alternate));
  return choose(checker, condition, yes, no, span);
}

/** `c ?: b`: `c` is evaluated once. */
function checkElvis(checker: Checker, node: Ternary): TypedExpression {
  const { span } = node;
  const value = checkValue(checker, node.condition);
  const alternate = checkValue(checker, node.alternate);
  if (isPoison(value) || isPoison(alternate)) return poison(span);
  if (value.kind === 'integer' || value.kind === 'variable')
    return choose(checker, asCondition(checker, value, 'ternary'), value, alternate, span);
  const slot = checker.symbols.newSlot('$.once', settle(value.type));
  const once: TypedExpression = {
    kind: 'variable',
    variable: slot,
    type: slot.type,
    span: value.span,
  };
  const chosen = choose(checker, asCondition(checker, once, 'ternary'), once, alternate, span);
  if (isPoison(chosen)) return chosen;
  return {
    kind: 'block',
    body: {
      statements: [{ kind: 'assignVariable', variable: slot, value, span: value.span }],
    },
    value: chosen,
    type: chosen.type,
    span,
  };
}

/** choose builds the conditional of two branches, which need one type. */
function choose(
  checker: Checker,
  condition: TypedExpression,
  consequent: TypedExpression,
  alternate: TypedExpression,
  span: Span,
): TypedExpression {
  if (isPoison(consequent) || isPoison(alternate) || isPoison(condition)) return poison(span);
  const joined = joinTypes(consequent.type, alternate.type);
  if (joined === undefined)
    return checker.error(
      'branch-types',
      `Branches must return the same type: have '${typeName(consequent.type)}' and '${typeName(alternate.type)}'`,
      span,
    );
  const known = constantInteger(condition);
  if (known !== undefined) {
    const chosen = known !== 0n ? consequent : alternate;
    return castTo(chosen, joined.type);
  }
  return {
    kind: 'conditional',
    condition,
    consequent: castTo(consequent, joined.type),
    alternate: castTo(alternate, joined.type),
    type: settle(joined.type),
    span,
  };
}

/** staticCondition folds the condition of `if comptime`; undefined if it is no constant. */
export function staticCondition(checker: Checker, condition: Expression): boolean | undefined {
  const value = checkValue(checker, condition);
  if (isPoison(value)) return undefined;
  if (value.kind === 'string') return true;
  const known = value.kind === 'integer' ? value.value : constantInteger(value);
  if (known !== undefined) return known !== 0n;
  checker.error('not-constant', 'Unable to resolve comptime expression', condition.span);
  return undefined;
}

export function checkIfExpression(checker: Checker, node: If): TypedExpression {
  if (node.isComptime) {
    const known = staticCondition(checker, node.condition);
    if (known === undefined) return poison(node.span);
    const branch = known ? node.consequent : node.alternate;
    return branch === undefined ? voidBlock({ statements: [] }, node.span) : checkExpression(checker, branch);
  }
  const condition = asCondition(checker, checkValue(checker, node.condition), 'if');
  const { alternate: other } = node;
  const known = constantInteger(condition);
  const consequent = checker.inBranch(true, known, () => checkBlockExpression(checker, node.consequent));
  if (other === undefined)
    return checker.error('missing-else', 'An if that gives a value needs an else branch', node.span);
  const alternate = checker.inBranch(false, known, () => readAggregate(checkExpression(checker, other)));
  return choose(checker, condition, consequent, alternate, node.span);
}

export function checkBlockExpression(checker: Checker, node: BlockExpression): TypedExpression {
  checker.variables?.open();
  const statements = checkStatements(checker, node.statements);
  const value = node.value === undefined ? undefined : checkValue(checker, node.value);
  checker.variables?.close();
  const body: TypedBlock = { statements };
  if (value === undefined) return voidBlock(body, node.span);
  if (statements.length === 0 || isPoison(value)) return value;
  return { kind: 'block', body, value, type: value.type, span: node.span };
}

/** voidBlock is an expression that only does something. */
export function voidBlock(body: TypedBlock, span: Span): TypedExpression {
  return {
    kind: 'block',
    body,
    value: { kind: 'integer', value: 0n, type: VOID, span },
    type: VOID,
    span,
  };
}
