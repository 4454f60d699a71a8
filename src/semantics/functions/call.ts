/**
 * One call being checked: its arguments as values, literals, names or maps, with the messages that all functions share.
 */

import type { Span } from '../../diagnostics/diagnostic.ts';
import type { Call, Expression, MapAccess, TypeExpression } from '../../language/ast.ts';
import { type Checker, poison } from '../checker.ts';
import { checkValue, isTypeExpression } from '../expressions/check.ts';
import { castTo, isIntegral } from '../expressions/coerce.ts';
import { voidBlock } from '../expressions/conditional.ts';
import { constantInteger } from '../expressions/constants.ts';
import { argumentSpace } from '../expressions/pointers.ts';
import type { ProviderName } from '../probes/probe-context.ts';
import type { FunctionName, TypedExpression, TypedStatement } from '../program.ts';
import { settle, UINT64, VOID } from '../promote.ts';
import { typeName } from '../type-names.ts';
import { pointerTo } from '../type-source.ts';
import type { Type } from '../types.ts';

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'];

/** FunctionCall wraps a call node for the function rows. */
export class FunctionCall {
  readonly checker: Checker;
  readonly name: string;
  readonly span: Span;
  readonly nodes: readonly (Expression | TypeExpression)[];

  constructor(checker: Checker, node: Pick<Call, 'name' | 'args' | 'span'>) {
    this.checker = checker;
    this.name = node.name;
    this.span = node.span;
    this.nodes = node.args;
  }

  get count(): number {
    return this.nodes.length;
  }

  /** The argument's node if it is an expression. */
  node(index: number): Expression | undefined {
    const node = this.nodes[index];
    return node === undefined || isTypeExpression(node) ? undefined : node;
  }

  error(code: string, message: string, index?: number, hints: readonly string[] = []): TypedExpression {
    const span = (index === undefined ? undefined : this.nodes[index]?.span) ?? this.span;
    return this.checker.error(code, message, span, { hints });
  }

  /** The argument's value; aggregations read as integers. */
  value(index: number): TypedExpression {
    const node = this.node(index);
    if (node !== undefined) return checkValue(this.checker, node);
    return this.error('type-as-value', `${this.name}() expects a value as ${ORDINALS[index]} argument`, index);
  }

  wrongType(index: number, expected: string, type: Type): TypedExpression {
    return this.error(
      'argument-type',
      `${this.name}() expects ${expected} as ${ORDINALS[index]} argument (${typeName(type)} provided)`,
      index,
    );
  }

  /** An integer argument, converted if a type is given. */
  integer(index: number, type?: Type): TypedExpression {
    const value = this.value(index);
    if (value.type.kind === 'none') return value;
    if (!isIntegral(value.type)) return this.wrongType(index, 'an integer', value.type);
    return type === undefined ? value : castTo(value, type);
  }

  /** An address: a pointer, or an integer taken as one into the probe's own address space. */
  address(index: number, target: Type): TypedExpression {
    const value = this.value(index);
    if (value.type.kind === 'none') return value;
    const space = argumentSpace(this.checker);
    if (value.type.kind === 'pointer')
      return value.type.space === 'none' ? castTo(value, pointerTo(value.type.target, space)) : value;
    if (value.type.kind === 'integer') return castTo(value, pointerTo(target, space));
    return this.wrongType(index, 'an integer or a pointer', value.type);
  }

  /** 64 unsigned bits of an integer or pointer argument. */
  word64(index: number): TypedExpression {
    const value = this.value(index);
    if (value.type.kind === 'none') return value;
    if (isIntegral(value.type) || value.type.kind === 'pointer') return castTo(value, UINT64);
    return this.wrongType(index, 'an integer or a pointer', value.type);
  }

  /** A literal integer; undefined after a reported error. */
  literal(index: number): bigint | undefined {
    const value = this.value(index);
    if (value.type.kind === 'none') return undefined;
    const known = constantInteger(value);
    if (known === undefined)
      this.error(
        'not-literal',
        `${this.name}() expects an integer literal as ${ORDINALS[index]} argument (${typeName(value.type)} provided)`,
        index,
      );
    return known;
  }

  /** A literal string; undefined after a reported error. */
  text(index: number): string | undefined {
    const node = this.node(index);
    // A positional parameter that looks like a number is text where text is wanted.
    if (node?.kind === 'PositionalParameter') return this.checker.options.positional[node.index - 1] ?? '';
    const value = this.value(index);
    if (value.kind === 'string') return value.value;
    if (value.type.kind !== 'none')
      this.error(
        'not-literal',
        `${this.name}() expects a string literal as ${ORDINALS[index]} argument (${typeName(value.type)} provided)`,
        index,
      );
    return undefined;
  }

  /** A map named without key. */
  map(index: number): MapAccess | undefined {
    const node = this.node(index);
    if (node?.kind === 'MapAccess' && node.keys === undefined) return node;
    this.error('not-a-map', `${this.name}() expects a map as ${ORDINALS[index]} argument`, index);
    return undefined;
  }

  /** A bare word, such as a mode. */
  word(index: number): string | undefined {
    const node = this.node(index);
    return node?.kind === 'Identifier' ? node.name : undefined;
  }

  /** The call as an operation of the program. */
  operation(
    name: FunctionName,
    type: Type,
    args: readonly TypedExpression[],
    extra: Pick<
      Extract<TypedExpression, { kind: 'call' }>,
      'map' | 'variable' | 'isDeclaration' | 'text' | 'action'
    > = {},
  ): TypedExpression {
    if (args.some((argument) => argument.type.kind === 'none')) return poison(this.span);
    return {
      kind: 'call',
      name,
      args: args.map((argument) => castTo(argument, settle(argument.type))),
      ...extra,
      type,
      span: this.span,
    };
  }

  /** A call that only does something. */
  effect(...statements: readonly TypedStatement[]): TypedExpression {
    return voidBlock({ statements }, this.span);
  }

  /** A call without value that the program carries out itself. */
  step(name: FunctionName, args: readonly TypedExpression[], text?: string): TypedExpression {
    return this.operation(name, VOID, args, text === undefined ? {} : { text });
  }

  poison(): TypedExpression {
    return poison(this.span);
  }

  /** Refuses the call outside the given kinds of probe; undefined where it may stand. */
  refuseProbe(providers: readonly ProviderName[]): TypedExpression | undefined {
    const { probe } = this.checker;
    if (probe === undefined || probe.args.kind === 'unknown' || providers.includes(probe.provider)) return undefined;
    return this.error('wrong-probe', `${this.name} can not be used with "${probe.provider}" probes`, undefined, [
      `${this.name}() works in ${providers.join(', ')} probes`,
    ]);
  }
}
