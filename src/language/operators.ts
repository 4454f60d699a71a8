/**
 * The operators, once: the lexer takes its spellings from here, the grammar its precedence, the printer its
 * parentheses and the tests their rows.
 */

import type { AssignmentOperator, BinaryOperator, UnaryOperator } from './ast.ts';

export interface BinaryOperatorRow {
  readonly operator: BinaryOperator;
  /** 1 binds loosest. All are left-associative. */
  readonly level: number;
  readonly group: 'logical' | 'bitwise' | 'comparison' | 'shift' | 'arithmetic';
}

/** BINARY_OPS lists the binary operators from the loosest to the tightest. */
export const BINARY_OPS: readonly BinaryOperatorRow[] = [
  { operator: '||', level: 1, group: 'logical' },
  { operator: '&&', level: 2, group: 'logical' },
  { operator: '|', level: 3, group: 'bitwise' },
  { operator: '^', level: 4, group: 'bitwise' },
  { operator: '&', level: 5, group: 'bitwise' },
  { operator: '==', level: 6, group: 'comparison' },
  { operator: '!=', level: 6, group: 'comparison' },
  { operator: '<', level: 7, group: 'comparison' },
  { operator: '<=', level: 7, group: 'comparison' },
  { operator: '>', level: 7, group: 'comparison' },
  { operator: '>=', level: 7, group: 'comparison' },
  { operator: '<<', level: 8, group: 'shift' },
  { operator: '>>', level: 8, group: 'shift' },
  { operator: '+', level: 9, group: 'arithmetic' },
  { operator: '-', level: 9, group: 'arithmetic' },
  { operator: '*', level: 10, group: 'arithmetic' },
  { operator: '/', level: 10, group: 'arithmetic' },
  { operator: '%', level: 10, group: 'arithmetic' },
];

/** BINARY_LEVELS finds a binary operator's precedence. */
export const BINARY_LEVELS: ReadonlyMap<string, BinaryOperatorRow> = new Map(
  BINARY_OPS.map((row) => [row.operator, row]),
);

/** ASSIGNMENT_OPS lists what may stand between a target and its new value. */
export const ASSIGNMENT_OPS: ReadonlySet<AssignmentOperator> = new Set([
  '=',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '&=',
  '|=',
  '^=',
  '<<=',
  '>>=',
]);

/** UNARY_OPS lists the prefix operators that make a `Unary` node. */
export const UNARY_OPS: ReadonlySet<UnaryOperator> = new Set(['!', '~', '-', '*']);

/** PUNCTUATION lists every spelling the lexer knows. */
export const PUNCTUATION: readonly string[] = [
  ...new Set<string>([
    ...BINARY_OPS.map((row) => row.operator),
    ...ASSIGNMENT_OPS,
    ...UNARY_OPS,
    '++',
    '--',
    '->',
    '.',
    '..',
    '?',
    ':',
    ';',
    ',',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
  ]),
];
