/**
 * Where the parser refuses to go on: what no person writes, and what would exhaust the stack or the second that an
 * answer may take. Later stages walk the tree by recursion and rely on these depths.
 */
export const LIMITS = {
  /** UTF-16 units. */
  sourceLength: 4 << 20,
  tokens: 200_000,
  /** Brackets, blocks, prefix operators, conditions within one another. */
  nesting: 200,
  /** Operands of one expression, postfix operators on one operand, branches of one `if`. */
  chain: 500,
  syntaxErrors: 50,
  positionalParameter: 2147483647,
} as const;
