/**
 * Comparing `probe` with text: the names are known, so only numbers are compared at run time.
 */

import type { Span } from '../../diagnostics/diagnostic.ts';
import type { Checker } from '../checker.ts';
import type { ComparisonOperator, TypedExpression } from '../program.ts';
import { BOOL, UINT64 } from '../promote.ts';
import { castTo } from './coerce.ts';
import { boolean, constant } from './constants.ts';

/** compareProbe handles `probe == "text"`; undefined if neither side is `probe`. */
export function compareProbe(
  checker: Checker,
  operator: ComparisonOperator,
  left: TypedExpression,
  right: TypedExpression,
  span: Span,
): TypedExpression | undefined {
  const [name, other] = left.type.kind === 'probeName' ? [left, right] : [right, left];
  if (name.type.kind !== 'probeName') return undefined;
  const isNegated = operator === 'notEqual';
  if (other.type.kind === 'probeName')
    return {
      kind: 'comparison',
      operator,
      left: castTo(left, UINT64),
      right: castTo(right, UINT64),
      type: BOOL,
      span,
    };
  if (other.kind !== 'string') return undefined;
  const id = checker.probeNames.indexOf(other.value);
  if (id < 0) return boolean(isNegated, span);
  if (name.kind === 'integer') return boolean((name.value === BigInt(id)) !== isNegated, span);
  return {
    kind: 'comparison',
    operator,
    left: castTo(name, UINT64),
    right: constant(BigInt(id), UINT64, span),
    type: BOOL,
    span,
  };
}
