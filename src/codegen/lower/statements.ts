/**
 * Statements.
 */

import type { TypedBlock, TypedExpression, TypedStatement } from '../../semantics/program.ts';
import { aggregate } from './aggregations.ts';
import { emitEvent } from './events.ts';
import type { FunctionContext } from './function-context.ts';
import { lowerForMap, lowerForRange, lowerUnroll, lowerWhile } from './loops.ts';
import { assignMap } from './maps.ts';
import { writeApart } from './memory-values.ts';
import { clearVariable, storeScalar } from './place.ts';
import { branchOn, evaluate, scalar } from './scalars.ts';
import { isScalar } from './types.ts';

export function lowerBlock(fc: FunctionContext, block: TypedBlock): void {
  for (const statement of block.statements) {
    if (fc.builder.isTerminated) return;
    lowerStatement(fc, statement);
  }
}

function lowerStatement(fc: FunctionContext, statement: TypedStatement): void {
  fc.builder.span = statement.span;
  switch (statement.kind) {
    case 'block':
      lowerBlock(fc, statement.body);
      break;
    case 'declareVariable':
      clearVariable(fc, statement.variable);
      break;
    case 'assignVariable':
      fc.scoped(() => assignVariable(fc, statement));
      break;
    case 'assignMap':
      fc.scoped(() => assignMap(fc, statement.map, statement.key, statement.value));
      break;
    case 'aggregate':
      fc.scoped(() => aggregate(fc, statement.map, statement.key, statement.args));
      break;
    case 'expression':
      fc.scoped(() => evaluate(fc, statement.expression));
      break;
    case 'act':
      emitEvent(fc, statement.action, statement.args);
      break;
    case 'if':
      lowerIf(fc, statement);
      break;
    case 'while':
      lowerWhile(fc, statement);
      break;
    case 'unroll':
      lowerUnroll(fc, statement);
      break;
    case 'forMap':
      lowerForMap(fc, statement);
      break;
    case 'forRange':
      lowerForRange(fc, statement);
      break;
    case 'break':
      fc.loop?.break();
      break;
    case 'continue':
      fc.loop?.continue();
      break;
    case 'return':
      lowerReturn(fc, statement);
      break;
  }
}

type Of<K extends TypedStatement['kind']> = Extract<TypedStatement, { kind: K }>;

function assignVariable(fc: FunctionContext, { variable, value }: Of<'assignVariable'>): void {
  if (isScalar(variable.type)) {
    const computed = scalar(fc, value);
    const home = fc.homeOf(variable);
    if (home.kind === 'register') fc.builder.move(home.register, computed);
    else storeScalar(fc, fc.placeOf(variable), variable.type, computed);
    return;
  }
  if (value.kind === 'variable' && value.variable.id === variable.id) return;
  const isOwn = (e: TypedExpression) => e.kind === 'variable' && e.variable.id === variable.id;
  writeApart(fc, value, variable.type, () => fc.placeOf(variable), isOwn);
}

function lowerIf(fc: FunctionContext, { condition, consequent, alternate }: Of<'if'>): void {
  const { builder } = fc;
  const yes = builder.block();
  const done = builder.block();
  const no = alternate === undefined ? done : builder.block();
  fc.scoped(() => branchOn(fc, condition, yes, no));
  builder.enter(yes);
  lowerBlock(fc, consequent);
  builder.jump(done);
  if (alternate !== undefined) {
    builder.enter(no);
    lowerBlock(fc, alternate);
    builder.jump(done);
  }
  builder.enter(done);
}

function lowerReturn(fc: FunctionContext, { value }: Of<'return'>): void {
  const { builder } = fc;
  if (fc.role === 'callback') {
    // The callback ends its loop; whoever runs the loop sees the flag and returns, too.
    const flag = fc.environment(fc.root.returnedOffset);
    const result = value === undefined ? 0n : scalar(fc, value);
    storeScalar(fc, fc.environment(fc.root.resultOffset), { kind: 'integer', bits: 64, isSigned: true }, result);
    builder.store(flag.base, flag.offset, 8, 1n);
    builder.return(1n);
    return;
  }
  const result = value === undefined ? 0n : fc.scoped(() => scalar(fc, value));
  builder.return(result);
}
