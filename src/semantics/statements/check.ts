/**
 * Statements: one function per node kind, by table. Each gives the typed statements it becomes.
 */

import type { Block, Expression, Statement } from '../../language/ast.ts';
import { type Checker, isPoison } from '../checker.ts';
import { checkExpression, checkValue } from '../expressions/check.ts';
import { asCondition } from '../expressions/coerce.ts';
import { staticCondition } from '../expressions/conditional.ts';
import { constantInteger } from '../expressions/constants.ts';
import { isMapRemoval } from '../functions/map-functions.ts';
import type { TypedBlock, TypedExpression, TypedStatement } from '../program.ts';
import { checkAssignment, checkLet } from './assign.ts';
import { checkFor, checkJump, checkReturn, checkUnroll, checkWhile } from './loops.ts';

type Checks = {
  readonly [K in Statement['kind']]: (
    checker: Checker,
    node: Extract<Statement, { readonly kind: K }>,
  ) => readonly TypedStatement[];
};

const CHECKS: Checks = {
  Block: (checker, node) => [{ kind: 'block', body: checkBlock(checker, node), span: node.span }],
  Let: checkLet,
  Assignment: checkAssignment,
  Discard: (checker, node) => effects(checkExpression(checker, node.value)),
  ExpressionStatement: (checker, node) => checkExpressionStatement(checker, node.expression),
  If: checkIf,
  While: checkWhile,
  Unroll: checkUnroll,
  For: checkFor,
  Break: checkJump,
  Continue: checkJump,
  Return: checkReturn,
  ImportStatement: checkImport,
  ErrorNode: () => [],
};

/** What the import brings has been put in front of the program, if the feature is on. */
function checkImport(checker: Checker, { span }: Statement): readonly TypedStatement[] {
  const mode = checker.config.unstable.get('unstable_import_statement');
  const hint = "set the 'unstable_import_statement' config variable to 'enable'";
  if (mode === 'error')
    checker.error('unstable-feature', 'import inside a block is an unstable feature that is turned off', span, {
      hints: [`put the import at the top of the script, or ${hint}`],
    });
  else if (mode === 'warn')
    checker.warning('unstable-feature', 'import inside a block is an unstable feature', span, {
      hints: [`${hint} to silence this warning`],
    });
  return [];
}

function checkStatement(checker: Checker, node: Statement): readonly TypedStatement[] {
  const check = CHECKS[node.kind] as (checker: Checker, node: Statement) => readonly TypedStatement[];
  return check(checker, node);
}

/** checkStatements checks a list in the scope at hand. */
export function checkStatements(checker: Checker, nodes: readonly Statement[]): readonly TypedStatement[] {
  const statements: TypedStatement[] = [];
  let hasLeft = false;
  let isReported = false;
  for (const node of nodes) {
    const typed = checkStatement(checker, node);
    if (hasLeft) {
      // What follows is wrong or right all the same; that nothing reaches it is said once.
      if (!isReported) checker.warning('unreachable', 'Unreachable statement.', node.span);
      isReported = true;
      continue;
    }
    statements.push(...typed);
    const last = typed.at(-1);
    hasLeft = last?.kind === 'return' || last?.kind === 'break' || last?.kind === 'continue';
  }
  return statements;
}

/** checkBlock checks a block in a scope of its own. */
export function checkBlock(checker: Checker, node: Pick<Block, 'statements'>): TypedBlock {
  checker.variables?.open();
  const statements = checkStatements(checker, node.statements);
  checker.variables?.close();
  return { statements };
}

function checkIf(checker: Checker, node: Extract<Statement, { kind: 'If' }>): readonly TypedStatement[] {
  if (node.isComptime) {
    const known = staticCondition(checker, node.condition);
    const branch = known ? node.consequent : node.alternate;
    if (known === undefined || branch === undefined) return [];
    if (branch.kind === 'If') return checkIf(checker, branch);
    return [{ kind: 'block', body: checkBranch(checker, branch), span: branch.span }];
  }
  const condition = asCondition(checker, checkValue(checker, node.condition), 'if()');
  const known = constantInteger(condition);
  const consequent = checker.inBranch(true, known, () => checkBranch(checker, node.consequent));
  const { alternate } = node;
  const checkAlternate = (other: NonNullable<typeof alternate>): TypedBlock =>
    other.kind === 'If' ? { statements: checkIf(checker, other) } : checkBranch(checker, other);
  return [
    {
      kind: 'if',
      condition,
      consequent,
      ...(alternate !== undefined && {
        alternate: checker.inBranch(false, known, () => checkAlternate(alternate)),
      }),
      span: node.span,
    },
  ];
}

/** A branch of an `if` statement may end in a value nobody wants. */
function checkBranch(
  checker: Checker,
  node: { readonly statements: readonly Statement[]; readonly value?: Expression },
): TypedBlock {
  checker.variables?.open();
  const statements = [...checkStatements(checker, node.statements)];
  if (node.value !== undefined) statements.push(...checkExpressionStatement(checker, node.value));
  checker.variables?.close();
  return { statements };
}

function checkExpressionStatement(checker: Checker, node: Expression): readonly TypedStatement[] {
  if (node.kind === 'If') return checkIf(checker, node);
  if (node.kind === 'BlockExpression' && node.value === undefined)
    return [{ kind: 'block', body: checkBlock(checker, node), span: node.span }];
  const value = checkExpression(checker, node);
  if (isPoison(value)) return [];
  const isStep = node.kind === 'IncrementDecrement';
  const isMacro = node.span.expandedFrom !== undefined;
  if (value.type.kind !== 'void' && !isStep && !isMacro && !isMapRemoval(node))
    checker.warning('unused-value', 'Return value discarded.', node.span);
  return effects(value);
}

/** effects turns an expression whose value nobody wants into statements; branches without value become an `if`. */
function effects(value: TypedExpression): readonly TypedStatement[] {
  if (isPoison(value)) return [];
  if (value.kind === 'block' && value.type.kind === 'void') return value.body.statements;
  if (value.kind === 'conditional' && value.type.kind === 'void')
    return [
      {
        kind: 'if',
        condition: value.condition,
        consequent: { statements: effects(value.consequent) },
        alternate: { statements: effects(value.alternate) },
        span: value.span,
      },
    ];
  return [{ kind: 'expression', expression: value, span: value.span }];
}
