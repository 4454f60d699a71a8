/**
 * The syntax tree: what the script says, before any name or type is resolved. Plain readonly data; `kind` tells nodes
 * apart and every node carries its span. Sugar is kept (predicates, `->`, `@m[a, b]`), so that the printer can give
 * the script back; later stages remove it.
 */

import type { Span } from '../diagnostics/diagnostic.ts';

interface Node<K extends string> {
  readonly kind: K;
  readonly span: Span;
}

// ---- program ---------------------------------------------------------------------------------------------------

export interface Program extends Node<'Program'> {
  /** `#!…` without the line end, if the first line is one. */
  readonly shebang?: string;
  readonly definitions: readonly CDefinition[];
  readonly items: readonly RootItem[];
  readonly comments: readonly Comment[];
}

/** Comment is kept beside the tree, in source order, for the formatter and for tool headers. */
export interface Comment {
  readonly text: string;
  readonly span: Span;
}

/** One preprocessor line or one C type definition, verbatim; read by the C reader. */
export interface CDefinition extends Node<'CDefinition'> {
  readonly text: string;
}

export type RootItem = ConfigBlock | RootImport | MapDeclaration | Macro | FunctionDefinition | Probe | ErrorNode;

export interface ConfigBlock extends Node<'ConfigBlock'> {
  readonly entries: readonly ConfigEntry[];
}

export interface ConfigEntry extends Node<'ConfigEntry'> {
  readonly name: string;
  readonly value: bigint | string | boolean;
  /** An identifier and a quoted string carry the same `value`; the printer needs to know. */
  readonly isQuoted: boolean;
  readonly valueSpan: Span;
}

export interface RootImport extends Node<'RootImport'> {
  readonly path: string;
}

/** `let @name = kind(maxEntries);` */
export interface MapDeclaration extends Node<'MapDeclaration'> {
  /** With the leading `@`. */
  readonly name: string;
  readonly mapKind: string;
  readonly args: readonly Expression[];
}

export interface Macro extends Node<'Macro'> {
  readonly name: string;
  readonly nameSpan: Span;
  readonly parameters: readonly MacroParameter[];
  readonly body: BlockExpression;
}

/** `name` keeps its sigil: `$x`, `@m` or a plain identifier, which is what tells the three parameter kinds apart. */
export interface MacroParameter extends Node<'MacroParameter'> {
  readonly name: string;
}

export interface FunctionDefinition extends Node<'FunctionDefinition'> {
  readonly name: string;
  readonly nameSpan: Span;
  readonly parameters: readonly FunctionParameter[];
  readonly returnType: TypeExpression;
  readonly body: Block;
}

export interface FunctionParameter extends Node<'FunctionParameter'> {
  /** With the leading `$`. */
  readonly name: string;
  readonly type: TypeExpression;
}

export interface Probe extends Node<'Probe'> {
  readonly attachPoints: readonly AttachPoint[];
  readonly predicate?: Expression;
  readonly body: Block;
}

/** `provider:part:part`; positional parameters are already substituted, `text` is what the user wrote. */
export interface AttachPoint extends Node<'AttachPoint'> {
  /** `name=provider:…` */
  readonly userName?: string;
  readonly text: string;
  readonly parts: readonly AttachPointPart[];
}

export interface AttachPointPart {
  readonly text: string;
  readonly isQuoted: boolean;
  readonly span: Span;
}

// ---- statements ------------------------------------------------------------------------------------------------

export type Statement =
  | Block
  | Let
  | Assignment
  | Discard
  | ExpressionStatement
  | If
  | While
  | Unroll
  | For
  | Break
  | Continue
  | Return
  | ImportStatement
  | ErrorNode;

export interface Block extends Node<'Block'> {
  readonly statements: readonly Statement[];
}

export interface Let extends Node<'Let'> {
  readonly variable: Variable;
  readonly type?: TypeExpression;
  readonly value?: Expression;
}

export type AssignmentOperator = '=' | '+=' | '-=' | '*=' | '/=' | '%=' | '&=' | '|=' | '^=' | '<<=' | '>>=';

/** The target is any expression here; the semantic stage says what may be assigned to. */
export interface Assignment extends Node<'Assignment'> {
  readonly target: Expression;
  readonly operator: AssignmentOperator;
  readonly value: Expression;
}

/** `_ = e;` */
export interface Discard extends Node<'Discard'> {
  readonly value: Expression;
}

export interface ExpressionStatement extends Node<'ExpressionStatement'> {
  readonly expression: Expression;
}

/** Also an expression (`if c { a } else { b }`); the blocks then end in a value. */
export interface If extends Node<'If'> {
  readonly condition: Expression;
  readonly isComptime: boolean;
  readonly consequent: BlockExpression;
  readonly alternate?: BlockExpression | If;
}

export interface While extends Node<'While'> {
  readonly condition: Expression;
  readonly body: Block;
}

export interface Unroll extends Node<'Unroll'> {
  readonly count: Expression;
  readonly body: Block;
}

export interface For extends Node<'For'> {
  readonly variable: Variable;
  readonly iterable: Range | Expression;
  readonly body: Block;
}

export interface Range extends Node<'Range'> {
  readonly start: Expression;
  readonly end: Expression;
}

export type Break = Node<'Break'>;
export type Continue = Node<'Continue'>;

export interface Return extends Node<'Return'> {
  readonly value?: Expression;
}

export interface ImportStatement extends Node<'ImportStatement'> {
  readonly path: string;
}

/** Stands where recovery skipped text; its diagnostic has been reported. */
export type ErrorNode = Node<'ErrorNode'>;

// ---- expressions -----------------------------------------------------------------------------------------------

export type Expression =
  | IntegerLiteral
  | StringLiteral
  | BooleanLiteral
  | Variable
  | MapAccess
  | Identifier
  | PositionalParameter
  | ParameterCount
  | Call
  | Unary
  | IncrementDecrement
  | Binary
  | Ternary
  | Cast
  | Member
  | TupleElement
  | Index
  | Tuple
  | Record
  | BlockExpression
  | If
  | SizeOf
  | OffsetOf
  | TypeOf
  | TypeInfo
  | Comptime
  | AddressOf
  | ErrorNode;

export interface IntegerLiteral extends Node<'IntegerLiteral'> {
  /** 0 … 2^64-1, durations already multiplied to nanoseconds. */
  readonly value: bigint;
  /** As written: `0x1f`, `1_000`, `10ms`. */
  readonly text: string;
}

export interface StringLiteral extends Node<'StringLiteral'> {
  /**
   * Escapes resolved. Text outside ASCII is kept as written (UTF-8 when compiled); a byte that an escape such as
   * `\xff` makes, and that is no UTF-8 by itself, is the lone surrogate U+DC00 + byte (see `src/text/bytes.ts`).
   */
  readonly value: string;
}

export interface BooleanLiteral extends Node<'BooleanLiteral'> {
  readonly value: boolean;
}

export interface Variable extends Node<'Variable'> {
  /** With the leading `$`. */
  readonly name: string;
}

export interface MapAccess extends Node<'MapAccess'> {
  /** With the leading `@`; the anonymous map is `@`. */
  readonly name: string;
  readonly nameSpan: Span;
  /** Absent for `@m`; one expression for `@m[k]`; several for `@m[a, b]`, which means the tuple of them. */
  readonly keys?: readonly Expression[];
}

/** A bare word: builtin, macro, enum constant, `#define`, call without parentheses. */
export interface Identifier extends Node<'Identifier'> {
  readonly name: string;
}

/** `$1`, `$2` … */
export interface PositionalParameter extends Node<'PositionalParameter'> {
  readonly index: number;
}

/** `$#` */
export type ParameterCount = Node<'ParameterCount'>;

export interface Call extends Node<'Call'> {
  readonly name: string;
  readonly nameSpan: Span;
  /** A type may stand where an expression may in calls of macros and of `container_of`: `typeof(T)`. */
  readonly args: readonly (Expression | TypeExpression)[];
}

export type UnaryOperator = '!' | '~' | '-' | '*';

export interface Unary extends Node<'Unary'> {
  readonly operator: UnaryOperator;
  readonly operand: Expression;
}

export interface IncrementDecrement extends Node<'IncrementDecrement'> {
  readonly operator: '++' | '--';
  readonly isPrefix: boolean;
  readonly operand: Expression;
}

export type BinaryOperator =
  | '||'
  | '&&'
  | '|'
  | '^'
  | '&'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '<<'
  | '>>'
  | '+'
  | '-'
  | '*'
  | '/'
  | '%';

export interface Binary extends Node<'Binary'> {
  readonly operator: BinaryOperator;
  readonly operatorSpan: Span;
  readonly left: Expression;
  readonly right: Expression;
}

/** `c ? a : b`; `consequent` is absent in `c ?: b`. */
export interface Ternary extends Node<'Ternary'> {
  readonly condition: Expression;
  readonly consequent?: Expression;
  readonly alternate: Expression;
}

export interface Cast extends Node<'Cast'> {
  readonly type: TypeExpression;
  readonly operand: Expression;
}

export interface Member extends Node<'Member'> {
  readonly object: Expression;
  readonly name: string;
  readonly nameSpan: Span;
  readonly isArrow: boolean;
}

/** `t.0` */
export interface TupleElement extends Node<'TupleElement'> {
  readonly object: Expression;
  readonly index: number;
  readonly isArrow: boolean;
}

export interface Index extends Node<'Index'> {
  readonly object: Expression;
  readonly index: Expression;
}

export interface Tuple extends Node<'Tuple'> {
  readonly elements: readonly Expression[];
}

export interface Record extends Node<'Record'> {
  readonly fields: readonly RecordField[];
}

export interface RecordField extends Node<'RecordField'> {
  readonly name: string;
  readonly value: Expression;
}

/** `{ stmts; e }`; without `value` it has no value (the body of an `if` statement). */
export interface BlockExpression extends Node<'BlockExpression'> {
  readonly statements: readonly Statement[];
  readonly value?: Expression;
}

export interface SizeOf extends Node<'SizeOf'> {
  readonly operand: Expression | TypeExpression;
}

export interface OffsetOf extends Node<'OffsetOf'> {
  readonly operand: Expression | TypeExpression;
  readonly path: readonly (string | Expression)[];
}

export interface TypeInfo extends Node<'TypeInfo'> {
  readonly operand: Expression | TypeExpression;
}

export interface Comptime extends Node<'Comptime'> {
  readonly operand: Expression;
}

/** `&$x`, `&@m`, `&@m[k]` */
export interface AddressOf extends Node<'AddressOf'> {
  readonly operand: Expression;
}

// ---- types -----------------------------------------------------------------------------------------------------

export type TypeExpression = NamedType | PointerType | ArrayType | TupleType | RecordType | TypeOf;

/** `uint64`, `struct task_struct`, `string`, `path` (a struct in the 2018 form). */
export interface NamedType extends Node<'NamedType'> {
  readonly tag?: 'struct' | 'union' | 'enum';
  readonly name: string;
}

export interface PointerType extends Node<'PointerType'> {
  readonly target: TypeExpression;
}

/** `T[n]`, `T[]`; also `string[n]` and `buffer[n]`, whose element is the named type. */
export interface ArrayType extends Node<'ArrayType'> {
  readonly element: TypeExpression;
  readonly length?: Expression;
}

export interface TupleType extends Node<'TupleType'> {
  readonly elements: readonly TypeExpression[];
}

export interface RecordType extends Node<'RecordType'> {
  readonly fields: readonly {
    readonly name: string;
    readonly type: TypeExpression;
  }[];
}

export interface TypeOf extends Node<'TypeOf'> {
  readonly operand: Expression | TypeExpression;
}

export type AnyNode =
  | Program
  | CDefinition
  | RootItem
  | ConfigEntry
  | MacroParameter
  | FunctionParameter
  | AttachPoint
  | Statement
  | Expression
  | Range
  | RecordField
  | TypeExpression;
