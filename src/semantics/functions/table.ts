/**
 * All functions (language.md §9) by name: how many arguments, whether unsafe, and the rule that checks the call.
 * Documentation is with the language's other names; aggregations have a table of their own.
 */

import type { Identifier } from '../../language/ast.ts';
import { AGGREGATIONS } from '../aggregations.ts';
import type { Checker } from '../checker.ts';
import type { TypedExpression } from '../program.ts';
import { ADDRESS_FUNCTIONS } from './addresses.ts';
import { FunctionCall } from './call.ts';
import { CONTROL_FUNCTIONS } from './control.ts';
import { MAP_FUNCTIONS } from './map-functions.ts';
import { META_FUNCTIONS } from './meta.ts';
import { NETWORK_FUNCTIONS } from './network.ts';
import { OUTPUT_FUNCTIONS } from './output.ts';
import { STACK_FUNCTIONS } from './stacks.ts';
import { STRING_FUNCTIONS } from './strings.ts';
import { TASK_FUNCTIONS } from './tasks.ts';

export interface FunctionRow {
  readonly name: string;
  readonly min: number;
  /** Infinity for any number. */
  readonly max: number;
  readonly isUnsafe?: boolean;
  readonly check: (call: FunctionCall) => TypedExpression;
}

let functions: ReadonlyMap<string, FunctionRow> | undefined;

/** functionTable gives all rows by name. Built on first use: the rows' modules refer to each other. */
export function functionTable(): ReadonlyMap<string, FunctionRow> {
  functions ??= new Map(
    [
      ...OUTPUT_FUNCTIONS,
      ...MAP_FUNCTIONS,
      ...STRING_FUNCTIONS,
      ...ADDRESS_FUNCTIONS,
      ...NETWORK_FUNCTIONS,
      ...STACK_FUNCTIONS,
      ...TASK_FUNCTIONS,
      ...CONTROL_FUNCTIONS,
      ...META_FUNCTIONS,
    ].map((row) => [row.name, row]),
  );
  return functions;
}

/** functionNames lists what can be called, aggregations included. */
export function functionNames(): readonly string[] {
  return [...functionTable().keys(), ...AGGREGATIONS.keys()];
}

/** callBare checks a function named without parentheses, where it takes no arguments. */
export function callBare(checker: Checker, node: Identifier): TypedExpression | undefined {
  const row = functionTable().get(node.name);
  if (row === undefined || row.min > 0) return undefined;
  return row.check(new FunctionCall(checker, { name: node.name, args: [], span: node.span }));
}
