/**
 * `fn` subprograms: typed parameters, typed result, a body of their own.
 */

import type { FunctionDefinition } from '../language/ast.ts';
import { BUILTINS } from './builtins.ts';
import type { Checker } from './checker.ts';
import { functionNames } from './functions/table.ts';
import type { TypedFunction } from './program.ts';
import type { VariableStore } from './scopes.ts';
import { checkBlock } from './statements/check.ts';
import { resolveType } from './type-expressions.ts';

/** checkFunction checks a definition and makes it callable from what follows. */
export function checkFunction(checker: Checker, node: FunctionDefinition, variables: VariableStore): TypedFunction {
  if (BUILTINS.has(node.name) || functionNames().includes(node.name))
    checker.error('redefinition', `'${node.name}' is a builtin and cannot be defined`, node.nameSpan);
  checker.variables = variables;
  variables.startPass();
  const returnType = resolveType(checker, node.returnType);
  checker.returnType = returnType;
  const parameters = node.parameters.map((parameter) => {
    const variable = variables.declare(parameter, parameter.name, parameter.span, { isExplicit: true });
    variable.isAssigned = true;
    if (variable.cell.type.kind === 'none') variable.cell.type = resolveType(checker, parameter.type);
    variable.cell.isFixed = true;
    return checker.symbols.slot(variable);
  });
  const body = checkBlock(checker, node.body);
  checker.returnType = undefined;
  checker.variables = undefined;
  const typed: TypedFunction = { name: node.name, parameters, returnType, body, span: node.span };
  checker.functions.set(node.name, typed);
  return typed;
}
