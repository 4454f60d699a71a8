/**
 * `fn` subprograms: typed parameters, typed result, a body of their own. All are declared before any body is checked, so
 * that their order does not matter; that they do not call themselves is checked once, on the tree.
 */

import type { DiagnosticList, Span } from '../diagnostics/diagnostic.ts';
import type { FunctionDefinition } from '../language/ast.ts';
import { walk } from '../language/walk.ts';
import { BUILTINS } from './builtins.ts';
import type { Checker } from './checker.ts';
import { functionNames } from './functions/table.ts';
import type { TypedBlock, TypedFunction } from './program.ts';
import { NONE } from './promote.ts';
import { VariableStore } from './scopes.ts';
import { checkBlock } from './statements/check.ts';
import { resolveType } from './type-expressions.ts';
import { typeName } from './type-names.ts';
import type { Type } from './types.ts';

/** Arguments travel in the registers that the kernel's calling convention has for them. */
const MOST_PARAMETERS = 5;

/** FunctionSource is a definition with the variables of its body, which live through all passes. */
export interface FunctionSource {
  readonly node: FunctionDefinition;
  readonly variables: VariableStore;
}

/** collectFunctions gives the definitions that count, and reports names taken twice and recursion. */
export function collectFunctions(
  nodes: readonly FunctionDefinition[],
  diagnostics: DiagnosticList,
): readonly FunctionSource[] {
  const byName = new Map<string, FunctionDefinition>();
  for (const node of nodes) {
    const other = byName.get(node.name);
    if (BUILTINS.has(node.name) || functionNames().includes(node.name))
      diagnostics.error('redefinition', `'${node.name}' is a builtin and cannot be defined`, node.nameSpan);
    else if (other !== undefined)
      diagnostics.error('redefinition', `Redefinition of function: ${node.name}`, node.nameSpan, {
        notes: [{ message: 'first defined here', span: other.nameSpan }],
      });
    if (other === undefined) byName.set(node.name, node);
  }
  refuseRecursion(byName, diagnostics);
  return [...byName.values()].map((node) => ({ node, variables: new VariableStore() }));
}

interface FunctionCallSite {
  readonly callee: FunctionDefinition;
  readonly span: Span;
}

/** The verifier follows calls to their end and refuses those that have none. */
function refuseRecursion(functions: ReadonlyMap<string, FunctionDefinition>, diagnostics: DiagnosticList): void {
  const done = new Set<FunctionDefinition>();
  const visit = (node: FunctionDefinition, chain: readonly FunctionDefinition[]): void => {
    for (const { callee, span } of callsWithin(node, functions)) {
      const start = chain.indexOf(callee);
      if (start >= 0)
        diagnostics.error(
          'fn-recursion',
          `Recursive function call detected. Call chain: ${[...chain.slice(start), callee].map(({ name }) => name).join(' > ')}`,
          span,
          { hints: ['the kernel runs no program that calls itself; use a loop'] },
        );
      else if (!done.has(callee)) visit(callee, [...chain, callee]);
    }
    done.add(node);
  };
  for (const node of functions.values()) if (!done.has(node)) visit(node, [node]);
}

function callsWithin(
  node: FunctionDefinition,
  functions: ReadonlyMap<string, FunctionDefinition>,
): readonly FunctionCallSite[] {
  const calls: FunctionCallSite[] = [];
  walk(node.body, (inner) => {
    const callee = inner.kind === 'Call' ? functions.get(inner.name) : undefined;
    if (callee !== undefined) calls.push({ callee, span: inner.span });
    return true;
  });
  return calls;
}

type OpenFunction = Omit<TypedFunction, 'body'> & { body: TypedBlock };

/** checkFunctions checks all definitions and makes them callable, from each other as well. */
export function checkFunctions(checker: Checker, sources: readonly FunctionSource[]): readonly TypedFunction[] {
  const open = sources.map((source) => ({ source, typed: declareFunction(checker, source) }));
  for (const { source, typed } of open) {
    checker.variables = source.variables;
    checker.returnType = typed.returnType;
    typed.body = checkBlock(checker, source.node.body);
    checker.returnType = undefined;
    checker.variables = undefined;
  }
  return open.map(({ typed }) => typed);
}

function declareFunction(checker: Checker, { node, variables }: FunctionSource): OpenFunction {
  variables.startPass();
  const written = resolveType(checker, node.returnType);
  const isFit = written.kind === 'void' || !refuseLarge(checker, written, 'return', node.returnType.span);
  const returnType = isFit ? written : NONE;
  if (node.parameters.length > MOST_PARAMETERS)
    checker.error(
      'too-many-parameters',
      `${node.name}() has more than ${MOST_PARAMETERS} parameters`,
      node.parameters[MOST_PARAMETERS]?.span ?? node.nameSpan,
    );
  const parameters = node.parameters.map((parameter) => {
    if (variables.find(parameter.name) !== undefined)
      checker.error('duplicate-parameter', `Parameter ${parameter.name} is there twice`, parameter.span);
    const variable = variables.declare(parameter, parameter.name, parameter.span, { isExplicit: true });
    const type = resolveType(checker, parameter.type);
    variable.isAssigned = true;
    if (variable.cell.type.kind === 'none') variable.cell.type = type;
    variable.cell.isFixed = true;
    refuseLarge(checker, type, 'take', parameter.type.span);
    return checker.symbols.slot(variable);
  });
  const typed: OpenFunction = {
    name: node.name,
    parameters,
    returnType,
    body: { statements: [] },
    span: node.span,
  };
  checker.functions.set(node.name, typed);
  return typed;
}

const REGISTER_TYPES: ReadonlySet<Type['kind']> = new Set(['integer', 'bool', 'enum', 'pointer', 'none']);

function refuseLarge(checker: Checker, type: Type, verb: 'take' | 'return', span: Span): boolean {
  if (REGISTER_TYPES.has(type.kind)) return false;
  checker.error(
    'fn-type',
    `A function can only ${verb} integers, bools, enums and pointers (${typeName(type)} given)`,
    span,
    { hints: type.kind === 'void' ? [] : ['use a macro, or pass a pointer'] },
  );
  return true;
}
