/**
 * Bare words: builtins, enum constants, and the words of other tracers.
 */

import { didYouMean } from '../../diagnostics/nearest.ts';
import type { Identifier } from '../../language/ast.ts';
import { kernelConstant } from '../../language/c/kernel-constants.ts';
import { nameHint } from '../../language/habits.ts';
import { BUILTINS } from '../builtins.ts';
import type { Checker } from '../checker.ts';
import { callBare, functionNames } from '../functions/table.ts';
import type { TypedExpression } from '../program.ts';
import { checkArgN } from './args.ts';
import { checkExpression } from './check.ts';
import { constant } from './constants.ts';

const ARGUMENT = /^arg([0-9]+)$/;

export function checkIdentifier(checker: Checker, node: Identifier): TypedExpression {
  const { name, span } = node;
  const builtin = BUILTINS.get(name);
  if (builtin !== undefined) return builtin.value(checker, span);
  const argument = ARGUMENT.exec(name);
  if (argument !== null) return checkArgN(checker, Number(argument[1]), span);
  if (/^sarg[0-9]+$/.test(name))
    return checker.error(
      'removed-builtin',
      'sarg* is deleted: read the stack with `*(reg("sp") + <stack_offset>)`',
      span,
      { hints: ['*(reg("sp") + <stack_offset>)'] },
    );
  const macro = checker.types.macro(name);
  if (macro !== undefined) {
    // `#define A A`: within its own value a name is none.
    if (checker.definesInWork.has(name)) return unknownIdentifier(checker, node);
    checker.definesInWork.add(name);
    const value = checkExpression(checker, macro);
    checker.definesInWork.delete(name);
    return { ...value, span };
  }
  const enumConstant = checker.types.enumConstant(name);
  if (enumConstant !== undefined)
    return constant(enumConstant.value, checker.types.fromC(enumConstant.type, 'none'), span);
  return callBare(checker, node) ?? unknownIdentifier(checker, node);
}

function unknownIdentifier(checker: Checker, { name, span }: Identifier): TypedExpression {
  const habit = nameHint(name);
  return checker.error(
    habit === undefined ? 'unknown-identifier' : 'foreign-habit',
    `Unknown identifier: '${name}'`,
    span,
    { hints: habit === undefined ? identifierHints(checker, name) : [habit] },
  );
}

function identifierHints(checker: Checker, name: string): readonly string[] {
  const args = checker.probe?.knownArgs();
  const fields = args?.kind === 'tracepoint' ? args.fields : args?.kind === 'function' ? args.parameters : [];
  if (fields.some((field) => field.name === name)) return [`did you mean 'args.${name}'?`];
  if (checker.variables?.find(`$${name}`) !== undefined) return [`did you mean '$${name}'?`];
  if (checker.symbols.maps.has(`@${name}`)) return [`did you mean '@${name}'?`];
  if (checker.types.macroNames.includes(name)) return ['its #define is no expression'];
  if (kernelConstant(name) !== undefined)
    return [`it is a macro of the kernel's headers: #define ${name} ${kernelConstant(name)}`];
  return didYouMean(name, [
    ...BUILTINS.keys(),
    ...functionNames(),
    ...fields.map((field) => `args.${field.name}`),
    ...checker.types.macroNames,
    ...checker.scriptMacros,
  ]);
}
