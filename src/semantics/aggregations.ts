/**
 * Map aggregations (language.md §10): only as the direct right-hand side of a map assignment. The map's value type
 * holds the constant parameters; the statement carries the run-time operand, 64 bits wide.
 */

import type { Span } from '../diagnostics/diagnostic.ts';
import type { Call, Identifier, MapAccess } from '../language/ast.ts';
import { type Checker, isPoison } from './checker.ts';
import { castTo, isSignedType } from './expressions/coerce.ts';
import { checkKey, growMapValue, mentionMap } from './expressions/maps.ts';
import { FunctionCall } from './functions/call.ts';
import { argumentCountMessage } from './functions/check-call.ts';
import type { TypedExpression, TypedStatement } from './program.ts';
import { flexibleLiteral, INT64, UINT64 } from './promote.ts';
import { typeName } from './type-names.ts';
import type { AggregateType } from './types.ts';

export interface AggregationRow {
  readonly name: AggregateType['kind'];
  readonly min: number;
  readonly max: number;
  /** The value type, given the operand's sign; undefined after a reported error. */
  readonly type: (call: FunctionCall, isSigned: boolean) => AggregateType | undefined;
}

const ROWS: readonly AggregationRow[] = [
  { name: 'count', min: 0, max: 0, type: () => ({ kind: 'count' }) },
  { name: 'sum', min: 1, max: 1, type: (_, isSigned) => ({ kind: 'sum', isSigned }) },
  { name: 'min', min: 1, max: 1, type: (_, isSigned) => ({ kind: 'min', isSigned }) },
  { name: 'max', min: 1, max: 1, type: (_, isSigned) => ({ kind: 'max', isSigned }) },
  { name: 'avg', min: 1, max: 1, type: (_, isSigned) => ({ kind: 'avg', isSigned }) },
  { name: 'stats', min: 1, max: 1, type: (_, isSigned) => ({ kind: 'stats', isSigned }) },
  { name: 'hist', min: 1, max: 2, type: histType },
  { name: 'lhist', min: 4, max: 4, type: lhistType },
  { name: 'tseries', min: 3, max: 4, type: tseriesType },
];

/** AGGREGATIONS by name. */
export const AGGREGATIONS: ReadonlyMap<string, AggregationRow> = new Map(ROWS.map((row) => [row.name, row]));

/** checkAggregation checks `@m[k] = count()` and its like. */
export function checkAggregation(
  checker: Checker,
  row: AggregationRow,
  target: MapAccess,
  node: Call | Identifier,
  span: Span,
): readonly TypedStatement[] {
  const map = mentionMap(checker, target);
  const key = checkKey(checker, map, target);
  const args = node.kind === 'Call' ? node.args : [];
  const call = new FunctionCall(checker, { name: row.name, args, span: node.span });
  const wrong = argumentCountMessage(row, args.length);
  if (wrong !== undefined) {
    call.error('argument-count', wrong);
    return [];
  }
  const operand = row.min === 0 ? undefined : readOperand(call);
  if (operand !== undefined && isPoison(operand)) {
    row.type(call, true);
    map.hasPoison = true;
    return [];
  }
  const isSigned = operand !== undefined && (isSignedType(operand.type) || flexibleLiteral(operand.type) !== undefined);
  const type = row.type(call, isSigned);
  if (type === undefined || !growMapValue(checker, map, type, span)) return [];
  // Merging a signed with an unsigned operand makes the whole map signed.
  const wide = isSigned ? INT64 : UINT64;
  return [
    {
      kind: 'aggregate',
      map: checker.symbols.mapSymbol(map),
      ...(key && { key }),
      args: operand === undefined ? [] : [castTo(operand, wide)],
      span,
    },
  ];
}

function readOperand(call: FunctionCall): TypedExpression {
  const value = call.value(0);
  const { kind } = value.type;
  if (kind === 'none' || kind === 'integer' || kind === 'bool' || kind === 'enum') return value;
  return call.error(
    'argument-type',
    `${call.name}() only supports integer arguments (${typeName(value.type)} provided)`,
    0,
    kind === 'pointer' ? ['cast it: (uint64)pointer'] : [],
  );
}

const MAX_HIST_BITS = 5n;

function histType(call: FunctionCall): AggregateType | undefined {
  if (call.count === 1) return { kind: 'hist', bits: 0 };
  const bits = call.literal(1);
  if (bits === undefined) return undefined;
  if (bits >= 0n && bits <= MAX_HIST_BITS) return { kind: 'hist', bits: Number(bits) };
  call.error('invalid-argument', `hist: bits ${bits} must be 0..${MAX_HIST_BITS}`, 1);
  return undefined;
}

const MAX_LHIST_BUCKETS = 1000n;

function lhistType(call: FunctionCall): AggregateType | undefined {
  const min = call.literal(1);
  const max = call.literal(2);
  const step = call.literal(3);
  if (min === undefined || max === undefined || step === undefined) return undefined;
  const refuse = (message: string, index: number): undefined => {
    call.error('invalid-argument', message, index);
  };
  if (step < 1n) return refuse(`lhist() step must be >= 1 (${step} provided)`, 3);
  if (min < 0n) return refuse(`lhist() min must be non-negative (provided min ${min})`, 1);
  if (min >= max) return refuse(`lhist() min must be less than max (provided min ${min} and max ${max})`, 1);
  if (max - min < step)
    return refuse(`lhist() step is too large for the given range (provided step ${step} for range ${max - min})`, 3);
  const buckets = (max - min + step - 1n) / step;
  if (buckets > MAX_LHIST_BUCKETS)
    return refuse(`lhist() too many buckets, must be <= ${MAX_LHIST_BUCKETS} (would need ${buckets})`, 3);
  return { kind: 'lhist', min, max, step };
}

const SERIES: readonly string[] = ['avg', 'max', 'min', 'sum'];
const MAX_INTERVALS = 1000000n;

function tseriesType(call: FunctionCall, isSigned: boolean): AggregateType | undefined {
  const mode = call.checker.config.unstable.get('unstable_tseries');
  if (mode === 'error') {
    call.error('unstable-feature', 'tseries() is an unstable feature that is turned off', undefined, [
      "set the 'unstable_tseries' config variable to 'enable'",
    ]);
    return undefined;
  }
  if (mode === 'warn')
    call.checker.warning('unstable-feature', 'tseries() is an unstable feature', call.span, {
      hints: ["set the 'unstable_tseries' config variable to 'enable' to silence this warning"],
    });
  const intervalNs = call.literal(1);
  const intervals = call.literal(2);
  const aggregation = call.count > 3 ? call.text(3) : 'none';
  if (intervalNs === undefined || intervals === undefined || aggregation === undefined) return undefined;
  const refuse = (message: string, index: number): undefined => {
    call.error('invalid-argument', message, index);
  };
  if (intervalNs < 1n) return refuse(`tseries() interval_ns must be >= 1 (${intervalNs} provided)`, 1);
  if (intervals < 1n) return refuse(`tseries() num_intervals must be >= 1 (${intervals} provided)`, 2);
  if (intervals > MAX_INTERVALS)
    return refuse(`tseries() num_intervals must be <= ${MAX_INTERVALS} (${intervals} provided)`, 2);
  if (aggregation !== 'none' && !SERIES.includes(aggregation))
    return refuse(
      `tseries() expects one of the following aggregation functions: ${SERIES.join(', ')} ("${aggregation}" provided)`,
      3,
    );
  return {
    kind: 'tseries',
    intervalNs,
    intervals: Number(intervals),
    aggregation: aggregation as 'none' | 'avg' | 'max' | 'min' | 'sum',
    isSigned,
  };
}
