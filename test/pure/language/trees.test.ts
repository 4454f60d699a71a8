import { describe, expect, test } from 'vitest';
import type { Expression } from '../../../src/language/ast.ts';
import { dumpTree } from '../../../src/language/dump.ts';
import { BINARY_OPS } from '../../../src/language/operators.ts';
import { parse, statements } from './expectations.ts';

/** The tree of an expression in short: operators and names only. */
function shape(node: Expression): string {
  switch (node.kind) {
    case 'Binary':
      return `(${shape(node.left)} ${node.operator} ${shape(node.right)})`;
    case 'Unary':
      return `(${node.operator}${shape(node.operand)})`;
    case 'Ternary':
      return `(${shape(node.condition)} ? ${node.consequent ? shape(node.consequent) : ''} : ${shape(node.alternate)})`;
    case 'Cast':
      return `(cast ${shape(node.operand)})`;
    case 'Member':
      return `${shape(node.object)}.${node.name}`;
    case 'Index':
      return `${shape(node.object)}[${shape(node.index)}]`;
    case 'IntegerLiteral':
      return node.text;
    case 'Identifier':
    case 'Variable':
      return node.name;
    default:
      return node.kind;
  }
}

function expressionOf(text: string): Expression {
  const [statement] = statements(`$result = ${text};`);
  if (statement?.kind !== 'Assignment') throw new Error(`no expression: ${text}`);
  return statement.value;
}

describe('every pair of binary operators groups by the table', () => {
  const pairs = BINARY_OPS.flatMap((one) => BINARY_OPS.map((other) => [one, other] as const));
  test.each(pairs.map(([one, other]) => [`a ${one.operator} b ${other.operator} c`, one, other] as const))(
    '%s',
    (text, one, other) => {
      const isLeftFirst = one.level >= other.level;
      expect(shape(expressionOf(text))).toBe(
        isLeftFirst ? `((a ${one.operator} b) ${other.operator} c)` : `(a ${one.operator} (b ${other.operator} c))`,
      );
    },
  );
});

const shapes: readonly [text: string, expected: string][] = [
  ['-a * b', '((-a) * b)'],
  ['!a == b', '((!a) == b)'],
  ['-a.b[1]', '(-a.b[1])'],
  ['*a.b', '(*a.b)'],
  ['a ? b : c ? d : e', '(a ? b : (c ? d : e))'],
  ['a ? b ? c : d : e', '(a ? (b ? c : d) : e)'],
  ['a || b ? c : d', '((a || b) ? c : d)'],
  ['a ?: b ?: c', '(a ?  : (b ?  : c))'],
  ['(uint8)a + b', '((cast a) + b)'],
  ['(uint8)a.b', '(cast a.b)'],
  ['(struct x *)a + 1', '((cast a) + 1)'],
  ['(x *)a', '(cast a)'],
  ['(x)a', '(cast a)'],
  ['(x) (a)', '(cast a)'],
  ['(x) - a', '(x - a)'],
  ['(x) * a', '(x * a)'],
  ['(x) & a', '(x & a)'],
  ['(pid) (a)', ''],
  ['(uint64) - a', '(cast (-a))'],
  ['(size_t) * a', '(cast (*a))'],
  ['(a * b)', '(a * b)'],
  ['(a[1])', 'a[1]'],
  ['(int32[2])a', '(cast a)'],
  ['(string)a', '(cast a)'],
  ['(x)', 'x'],
  ['a - -b', '(a - (-b))'],
  ['a--b', ''],
];

test.each(shapes.filter(([, expected]) => expected !== ''))('%s is %s', (text, expected) => {
  expect(shape(expressionOf(text))).toBe(expected);
});

test.each(shapes.filter(([, expected]) => expected === ''))('%s is refused', (text) => {
  expect(parse(`begin { $x = ${text}; }`).diagnostics.length).toBeGreaterThan(0);
});

const values: readonly [text: string, value: bigint][] = [
  ['0', 0n],
  ['42', 42n],
  ['0x1f', 31n],
  ['0X1F', 31n],
  ['0x_ff', 255n],
  ['017', 15n],
  ['00', 0n],
  ['1_000', 1000n],
  ['1__0', 10n],
  ['5e3', 5000n],
  ['1e19', 10_000_000_000_000_000_000n],
  ['18446744073709551615', (1n << 64n) - 1n],
  ['0xffffffffffffffff', (1n << 64n) - 1n],
  ['1ns', 1n],
  ['2us', 2000n],
  ['3ms', 3_000_000n],
  ['4s', 4_000_000_000n],
  ['5m', 300_000_000_000n],
  ['1h', 3_600_000_000_000n],
  ['1d', 86_400_000_000_000n],
  ['7u', 7n],
  ['7l', 7n],
  ['7ll', 7n],
  ['7ul', 7n],
  ['7ull', 7n],
  ['7UL', 7n],
  ['0x10ul', 16n],
];

test.each(values)('%s has its value', (text, value) => {
  expect(expressionOf(text)).toMatchObject({ kind: 'IntegerLiteral', value, text });
});

const strings: readonly [text: string, value: string][] = [
  ['""', ''],
  ['"a b"', 'a b'],
  ['"\\n\\t\\r\\"\\\\"', '\n\t\r"\\'],
  ['"\\0"', '\0'],
  ['"\\1012"', 'A2'],
  ['"\\x4"', '\x04'],
  ['"\\x411"', 'A1'],
  ['"\\X41"', 'A'],
  ['"\\xc3\\xa9"', 'é'],
  ['"\\xff"', '\udcff'],
  ['"é"', 'é'],
  ['"// no comment"', '// no comment'],
  ['"}"', '}'],
];

test.each(strings)('%s has its value', (text, value) => {
  expect(expressionOf(text)).toMatchObject({ kind: 'StringLiteral', value });
});

const dumps: readonly [text: string, dump: string][] = [
  ['@x[1, 2]', 'MapAccess name="@x"\n  IntegerLiteral value=1 text="1"\n  IntegerLiteral value=2 text="2"'],
  [
    '@x[(1, 2)]',
    'MapAccess name="@x"\n  Tuple\n    IntegerLiteral value=1 text="1"\n    IntegerLiteral value=2 text="2"',
  ],
  ['a->b.0', 'TupleElement index=0 isArrow=false\n  Member name="b" isArrow=true\n    Identifier name="a"'],
  ['f()', 'Call name="f"'],
  ['$1', 'PositionalParameter index=1'],
  ['$#', 'ParameterCount'],
  ['++@x', 'IncrementDecrement operator="++" isPrefix=true\n  MapAccess name="@x"'],
  ['sizeof(struct a *)', 'SizeOf\n  PointerType\n    NamedType tag="struct" name="a"'],
  ['{ 1 }', 'BlockExpression\n  IntegerLiteral value=1 text="1"'],
  [
    'if 1 { 2 } else { 3 }',
    'If isComptime=false\n  IntegerLiteral value=1 text="1"\n  BlockExpression\n    IntegerLiteral value=2 text="2"\n  BlockExpression\n    IntegerLiteral value=3 text="3"',
  ],
];

test.each(dumps)('the dump of %s', (text, dump) => {
  expect(dumpTree(expressionOf(text))).toBe(dump);
});

const attachPoints: readonly [text: string, parameters: string[], parts: string[]][] = [
  ['kprobe:$1', ['vfs_read'], ['kprobe', 'vfs_read']],
  ['$1', ['kprobe:vfs_read'], ['kprobe', 'vfs_read']],
  ['BEG$1', ['IN'], ['BEGIN']],
  ['i:ms:$1', ['10'], ['i', 'ms', '10']],
  ['t:$1:x$2y', ['a', 'b'], ['t', 'a', 'xby']],
  ['uprobe:"$1:a":f', ['no'], ['uprobe', '$1:a', 'f']],
  ['uprobe:"a\\"b":f', [], ['uprobe', 'a"b', 'f']],
  ['kprobe:$9', [], ['kprobe', '']],
  ['hardware:cycles:', [], ['hardware', 'cycles', '']],
  ['n=kprobe:f', [], ['kprobe', 'f']],
];

test.each(attachPoints)('%s with %j has the parts %j', (text, positionalParameters, parts) => {
  const { program } = parse(`${text} { }`, { positionalParameters });
  const [probe] = program.items;
  expect(probe?.kind === 'Probe' && probe.attachPoints[0]?.parts.map((part) => part.text)).toEqual(parts);
});
