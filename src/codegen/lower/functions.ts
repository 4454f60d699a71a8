/**
 * `fn` subprograms: functions of their own, called with up to five register arguments.
 */

import type { TypedExpression, TypedFunction } from '../../semantics/program.ts';
import type { Operand } from '../ir/ir.ts';
import { FunctionContext } from './function-context.ts';
import { storeScalar } from './place.ts';
import { narrow, scalar } from './scalars.ts';
import { lowerBlock } from './statements.ts';
import { variableUses } from './walk.ts';

/** callUserFunction calls a subprogram, making it when it is met first. */
export function callUserFunction(fc: FunctionContext, e: Extract<TypedExpression, { kind: 'callFunction' }>): Operand {
  const args = e.args.map((arg) => scalar(fc, arg));
  const { name, isNew } = fc.program.nameOf(e.function);
  if (isNew) makeFunction(fc, name, e.function);
  return narrow(fc, fc.builder.callFunction(name, args), e.type);
}

function makeFunction(fc: FunctionContext, name: string, fn: TypedFunction): void {
  if (fn.parameters.length > 5) {
    fc.program.diagnostics.error('too-many-parameters', `${fn.name}() has more than 5 parameters`, fn.span);
    return;
  }
  const { captured, addressed } = variableUses(fn.body, undefined, fn.parameters);
  fc.program.addressed = new Set([...fc.program.addressed, ...addressed]);
  fc.program.keepScratch();
  const parameters = fn.parameters.map(() => 'integer' as const);
  const inner = new FunctionContext(fc.program, { name, role: 'function', parameters, captured });
  inner.builder.span = fn.span;
  fn.parameters.forEach((parameter, index) => {
    const value = inner.builder.parameter(index);
    const home = inner.homeOf(parameter);
    if (home.kind === 'register') inner.builder.move(home.register, value);
    else storeScalar(inner, inner.placeOf(parameter), parameter.type, value);
  });
  lowerBlock(inner, fn.body);
  inner.builder.return(0n);
  inner.finish();
  fc.program.keepScratch();
}
