/**
 * Questions about a whole body, answered by one walk over its statements and expressions.
 */

import type {
  TypedBlock,
  TypedExpression,
  TypedProgram,
  TypedStatement,
  VariableSlot,
} from '../../semantics/program.ts';

export interface Visitor {
  /** `depth` counts the loops around a node whose bodies become functions of their own. */
  readonly statement?: (statement: TypedStatement, loop: object | undefined) => void;
  readonly expression?: (expression: TypedExpression, loop: object | undefined) => void;
}

/** walkBlock visits everything below, `loop` being the innermost loop statement around a node. */
export function walkBlock(block: TypedBlock, visitor: Visitor, loop?: object): void {
  for (const statement of block.statements) walkStatement(statement, visitor, loop);
}

function walkStatement(statement: TypedStatement, visitor: Visitor, loop: object | undefined): void {
  visitor.statement?.(statement, loop);
  const visit = (expression: TypedExpression | undefined) => {
    if (expression !== undefined) walkExpression(expression, visitor, loop);
  };
  switch (statement.kind) {
    case 'block':
    case 'unroll':
      walkBlock(statement.body, visitor, loop);
      break;
    case 'assignVariable':
      visit(statement.value);
      break;
    case 'assignMap':
      visit(statement.key);
      visit(statement.value);
      break;
    case 'aggregate':
      visit(statement.key);
      statement.args.forEach(visit);
      break;
    case 'expression':
      visit(statement.expression);
      break;
    case 'act':
      statement.args.forEach(visit);
      break;
    case 'if':
      visit(statement.condition);
      walkBlock(statement.consequent, visitor, loop);
      if (statement.alternate) walkBlock(statement.alternate, visitor, loop);
      break;
    case 'while':
      // The condition is evaluated in the callback, too.
      walkExpression(statement.condition, visitor, statement);
      walkBlock(statement.body, visitor, statement);
      break;
    case 'forMap':
      walkBlock(statement.body, visitor, statement);
      break;
    case 'forRange':
      visit(statement.start);
      visit(statement.end);
      walkBlock(statement.body, visitor, statement);
      break;
    case 'return':
      visit(statement.value);
      break;
    case 'break':
    case 'continue':
      break;
  }
}

/** walkExpression visits an expression and what is below it. */
export function walkExpression(e: TypedExpression, visitor: Visitor, loop?: object): void {
  visitor.expression?.(e, loop);
  const visit = (expression: TypedExpression | undefined) => {
    if (expression !== undefined) walkExpression(expression, visitor, loop);
  };
  switch (e.kind) {
    case 'map':
      visit(e.key);
      break;
    case 'arithmetic':
    case 'comparison':
    case 'logical':
      visit(e.left);
      visit(e.right);
      break;
    case 'not':
    case 'negate':
    case 'complement':
    case 'cast':
      visit(e.operand);
      break;
    case 'conditional':
      visit(e.condition);
      visit(e.consequent);
      visit(e.alternate);
      break;
    case 'increment':
    case 'address':
      if ('map' in e.target) visit(e.target.key);
      break;
    case 'dereference':
      visit(e.pointer);
      break;
    case 'member':
    case 'element':
      visit(e.object);
      break;
    case 'index':
      visit(e.object);
      visit(e.index);
      break;
    case 'tuple':
      e.elements.forEach(visit);
      break;
    case 'block':
      walkBlock(e.body, visitor, loop);
      visit(e.value);
      break;
    case 'call':
    case 'callFunction':
      e.args.forEach(visit);
      break;
  }
}

/**
 * variableUses finds the variables used in more than one function, and those whose address is taken. Where a variable is
 * declared counts as a use: `outside` are those declared before the body, the parameters of a function.
 */
export function variableUses(
  body: TypedBlock,
  predicate?: TypedExpression,
  outside: readonly VariableSlot[] = [],
): { readonly captured: ReadonlySet<number>; readonly addressed: ReadonlySet<number> } {
  const users = new Map<number, Set<object | undefined>>();
  const addressed = new Set<number>();
  const use = (id: number, loop: object | undefined) => {
    const known = users.get(id);
    if (known === undefined) users.set(id, new Set([loop]));
    else known.add(loop);
  };
  const visitor: Visitor = {
    statement: (statement, loop) => {
      if (statement.kind === 'assignVariable' || statement.kind === 'declareVariable') use(statement.variable.id, loop);
      if (statement.kind === 'forMap' || statement.kind === 'forRange') use(statement.variable.id, statement);
    },
    expression: (e, loop) => {
      if (e.kind === 'variable') use(e.variable.id, loop);
      if (e.kind === 'call' && e.variable) use(e.variable.id, loop);
      if ((e.kind === 'increment' || e.kind === 'address') && 'variable' in e.target) {
        use(e.target.variable.id, loop);
        if (e.kind === 'address') addressed.add(e.target.variable.id);
      }
    },
  };
  for (const { id } of outside) use(id, undefined);
  if (predicate) walkExpression(predicate, visitor);
  walkBlock(body, visitor);
  const captured = new Set<number>();
  for (const [id, loops] of users) {
    if (loops.size > 1) captured.add(id);
  }
  return { captured, addressed };
}

/** deletedMaps finds the maps from which the script deletes, by id. */
export function deletedMaps(program: TypedProgram): ReadonlySet<number> {
  const deleted = new Set<number>();
  const visitor: Visitor = {
    statement: (statement) => {
      if (statement.kind !== 'act') return;
      if (statement.action.kind === 'clear') deleted.add(statement.action.map.id);
    },
    expression: (e) => {
      if (e.kind === 'call' && e.name === 'delete' && e.map) deleted.add(e.map.id);
    },
  };
  for (const probe of program.probes) walkBlock(probe.body, visitor);
  for (const fn of program.functions) walkBlock(fn.body, visitor);
  return deleted;
}
