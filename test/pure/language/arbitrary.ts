/** Random programs for the property tests: trees that the grammar can make, with spans that point nowhere. */

import type {
  AttachPoint,
  Block,
  BlockExpression,
  Expression,
  Probe,
  Program,
  RootItem,
  Statement,
  TypeExpression,
} from '../../../src/language/ast.ts';
import { readInteger } from '../../../src/language/literals.ts';
import { ASSIGNMENT_OPS, BINARY_OPS, UNARY_OPS } from '../../../src/language/operators.ts';
import fc from '../../support/property.ts';

const span = { source: { name: 'none', text: '' }, start: 0, end: 0 };

const word = fc.constantFrom('foo', 'bar', 'pid', 'comm', 'args', 'nsecs', 'x1', 'retval', 'boot');
const field = fc.constantFrom('a', 'name', 'd_name', 'for', 'config', 'x');
const variableName = fc.constantFrom('$a', '$b', '$long_name');
const mapName = fc.constantFrom('@', '@x', '@start');

const leaf: fc.Arbitrary<Expression> = fc.oneof(
  fc
    .constantFrom('0', '1', '42', '0x1f', '10ms', '1_000', '18446744073709551615', '017', '5e3')
    .map((text): Expression => ({ kind: 'IntegerLiteral', span, value: readInteger(text).value, text })),
  fc.string({ unit: 'grapheme' }).map((value): Expression => ({ kind: 'StringLiteral', span, value })),
  fc
    .constantFrom('\udc80', 'a\udcff"\\\n\t\r\x01', '%d\n')
    .map((value): Expression => ({ kind: 'StringLiteral', span, value })),
  fc.boolean().map((value): Expression => ({ kind: 'BooleanLiteral', span, value })),
  variableName.map((name): Expression => ({ kind: 'Variable', span, name })),
  mapName.map((name): Expression => ({ kind: 'MapAccess', span, name, nameSpan: span })),
  word.map((name): Expression => ({ kind: 'Identifier', span, name })),
  fc.integer({ min: 1, max: 9 }).map((index): Expression => ({ kind: 'PositionalParameter', span, index })),
  fc.constant<Expression>({ kind: 'ParameterCount', span }),
);

const namedType: fc.Arbitrary<TypeExpression> = fc.oneof(
  fc
    .constantFrom('uint8', 'int64', 'string', 'unsigned long', 'size_t')
    .map((name): TypeExpression => ({ kind: 'NamedType', span, name })),
  fc
    .tuple(fc.constantFrom('struct' as const, 'union' as const, 'enum' as const), word)
    .map(([tag, name]): TypeExpression => ({ kind: 'NamedType', span, tag, name })),
);

interface Grammar {
  readonly expression: Expression;
  readonly type: TypeExpression;
  readonly block: Block;
  readonly blockExpression: BlockExpression;
  readonly statement: Statement;
}

const { expression, type, block, statement, blockExpression } = fc.letrec<Grammar>(
  (tie: fc.LetrecTypedTie<Grammar>) => {
    const operand = tie('expression');
    return {
      type: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        namedType,
        tie('type').map((target): TypeExpression => ({ kind: 'PointerType', span, target })),
        fc
          .tuple(tie('type'), fc.option(leaf, { nil: undefined }))
          .map(
            ([element, length]): TypeExpression => ({ kind: 'ArrayType', span, element, ...(length && { length }) }),
          ),
      ),
      expression: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        leaf,
        fc.tuple(fc.constantFrom(...BINARY_OPS), operand, operand).map(
          ([row, left, right]): Expression => ({
            kind: 'Binary',
            span,
            operator: row.operator,
            operatorSpan: span,
            left,
            right,
          }),
        ),
        fc
          .tuple(fc.constantFrom(...UNARY_OPS), operand)
          .map(([operator, inner]): Expression => ({ kind: 'Unary', span, operator, operand: inner })),
        operand.map((inner): Expression => ({ kind: 'AddressOf', span, operand: inner })),
        fc.tuple(fc.constantFrom('++' as const, '--' as const), fc.boolean(), operand).map(
          ([operator, isPrefix, inner]): Expression => ({
            kind: 'IncrementDecrement',
            span,
            operator,
            isPrefix,
            operand: inner,
          }),
        ),
        fc.tuple(operand, fc.option(operand, { nil: undefined }), operand).map(
          ([condition, consequent, alternate]): Expression => ({
            kind: 'Ternary',
            span,
            condition,
            ...(consequent && { consequent }),
            alternate,
          }),
        ),
        fc
          .tuple(tie('type'), operand)
          .map(([castType, inner]): Expression => ({ kind: 'Cast', span, type: castType, operand: inner })),
        fc
          .tuple(operand, field, fc.boolean())
          .map(
            ([object, name, isArrow]): Expression => ({ kind: 'Member', span, object, name, nameSpan: span, isArrow }),
          ),
        fc
          .tuple(operand, fc.nat(9), fc.boolean())
          .map(([object, index, isArrow]): Expression => ({ kind: 'TupleElement', span, object, index, isArrow })),
        fc.tuple(operand, operand).map(([object, index]): Expression => ({ kind: 'Index', span, object, index })),
        fc
          .tuple(mapName, fc.array(operand, { minLength: 1, maxLength: 3 }))
          .map(([name, keys]): Expression => ({ kind: 'MapAccess', span, name, nameSpan: span, keys })),
        fc
          .tuple(word, fc.array(operand, { maxLength: 3 }))
          .map(([name, args]): Expression => ({ kind: 'Call', span, name, nameSpan: span, args })),
        fc.array(operand, { maxLength: 3 }).map((elements): Expression => ({ kind: 'Tuple', span, elements })),
        fc.array(fc.tuple(field, operand), { minLength: 1, maxLength: 3 }).map(
          (fields): Expression => ({
            kind: 'Record',
            span,
            fields: fields.map(([name, value]) => ({ kind: 'RecordField', span, name, value })),
          }),
        ),
        tie('blockExpression'),
        fc.tuple(operand, fc.boolean(), operand, operand).map(
          ([condition, isComptime, yes, no]): Expression => ({
            kind: 'If',
            span,
            condition,
            isComptime,
            consequent: { kind: 'BlockExpression', span, statements: [], value: yes },
            alternate: { kind: 'BlockExpression', span, statements: [], value: no },
          }),
        ),
        tie('type').map((inner): Expression => ({ kind: 'SizeOf', span, operand: inner })),
        operand.map((inner): Expression => ({ kind: 'SizeOf', span, operand: inner })),
        fc
          .tuple(tie('type'), field, field)
          .map(
            ([inner, first, second]): Expression => ({ kind: 'OffsetOf', span, operand: inner, path: [first, second] }),
          ),
        operand.map((inner): Expression => ({ kind: 'Comptime', span, operand: inner })),
      ),
      blockExpression: fc
        .tuple(fc.array(tie('statement'), { maxLength: 2 }), operand)
        .map(([statements, value]): BlockExpression => ({ kind: 'BlockExpression', span, statements, value })),
      block: fc
        .array(tie('statement'), { maxLength: 3 })
        .map((statements): Block => ({ kind: 'Block', span, statements })),
      statement: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        operand.map((inner): Statement => ({ kind: 'ExpressionStatement', span, expression: inner })),
        fc.tuple(variableName, fc.option(tie('type'), { nil: undefined }), fc.option(operand, { nil: undefined })).map(
          ([name, letType, value]): Statement => ({
            kind: 'Let',
            span,
            variable: { kind: 'Variable', span, name },
            ...(letType && { type: letType }),
            ...(value && { value }),
          }),
        ),
        fc
          .tuple(
            fc.oneof(
              variableName.map((name): Expression => ({ kind: 'Variable', span, name })),
              mapName.map((name): Expression => ({ kind: 'MapAccess', span, name, nameSpan: span })),
            ),
            fc.constantFrom(...ASSIGNMENT_OPS),
            operand,
          )
          .map(([target, operator, value]): Statement => ({ kind: 'Assignment', span, target, operator, value })),
        operand.map((value): Statement => ({ kind: 'Discard', span, value })),
        fc.tuple(operand, tie('block'), fc.option(tie('block'), { nil: undefined })).map(
          ([condition, yes, no]): Statement => ({
            kind: 'If',
            span,
            condition,
            isComptime: false,
            consequent: { kind: 'BlockExpression', span, statements: yes.statements },
            ...(no && { alternate: { kind: 'BlockExpression', span, statements: no.statements } }),
          }),
        ),
        fc
          .tuple(operand, tie('block'))
          .map(([condition, body]): Statement => ({ kind: 'While', span, condition, body })),
        fc.tuple(operand, tie('block')).map(([count, body]): Statement => ({ kind: 'Unroll', span, count, body })),
        fc.tuple(variableName, operand, fc.option(operand, { nil: undefined }), tie('block')).map(
          ([name, start, end, body]): Statement => ({
            kind: 'For',
            span,
            variable: { kind: 'Variable', span, name },
            iterable: end ? { kind: 'Range', span, start, end } : start,
            body,
          }),
        ),
        tie('block'),
        fc.constantFrom<Statement>({ kind: 'Break', span }, { kind: 'Continue', span }, { kind: 'Return', span }),
        operand.map((value): Statement => ({ kind: 'Return', span, value })),
      ),
    };
  },
);

export { block, blockExpression, expression, statement, type };

const attachPoint: fc.Arbitrary<AttachPoint> = fc
  .constantFrom(
    ['kprobe:vfs_read', 'kprobe', 'vfs_read'],
    ['uprobe:/usr/bin/x:fn+4', 'uprobe', '/usr/bin/x', 'fn+4'],
    ['tracepoint:sched:*', 'tracepoint', 'sched', '*'],
    ['begin', 'begin'],
    ['interval:s:1', 'interval', 's', '1'],
  )
  .map(
    ([text = '', ...parts]): AttachPoint => ({
      kind: 'AttachPoint',
      span,
      text,
      parts: parts.map((part) => ({ text: part, isQuoted: false, span })),
    }),
  );

const probe: fc.Arbitrary<Probe> = fc
  .tuple(fc.array(attachPoint, { minLength: 1, maxLength: 3 }), fc.option(expression, { nil: undefined }), block)
  .map(
    ([attachPoints, predicate, body]): Probe => ({
      kind: 'Probe',
      span,
      attachPoints,
      ...(predicate && { predicate }),
      body,
    }),
  );

const item: fc.Arbitrary<RootItem> = fc.oneof(
  { weight: 4, arbitrary: probe },
  {
    weight: 1,
    arbitrary: fc.tuple(word, fc.uniqueArray(fc.constantFrom('$a', '@x', 'e'), { maxLength: 3 }), blockExpression).map(
      ([name, parameters, body]): RootItem => ({
        kind: 'Macro',
        span,
        name,
        nameSpan: span,
        parameters: parameters.map((parameter) => ({ kind: 'MacroParameter', span, name: parameter })),
        body,
      }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(mapName, leaf)
      .map(([name, size]): RootItem => ({ kind: 'MapDeclaration', span, name, mapKind: 'hash', args: [size] })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(word, type, block).map(
      ([name, returnType, body]): RootItem => ({
        kind: 'FunctionDefinition',
        span,
        name,
        nameSpan: span,
        parameters: [{ kind: 'FunctionParameter', span, name: '$a', type: returnType }],
        returnType,
        body,
      }),
    ),
  },
);

export const program: fc.Arbitrary<Program> = fc
  .array(item, { maxLength: 3 })
  .map((items): Program => ({ kind: 'Program', span, definitions: [], items, comments: [] }));
