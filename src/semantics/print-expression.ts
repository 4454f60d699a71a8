/**
 * Typed expressions as text, for `-d types` and for tests.
 */

import { printStatement } from './print-types.ts';
import type { ArithmeticOperator, ComparisonOperator, TypedExpression } from './program.ts';
import { typeName } from './type-names.ts';

const OPERATORS: Readonly<Record<ArithmeticOperator | ComparisonOperator, string>> = {
  add: '+',
  subtract: '-',
  multiply: '*',
  divide: '/',
  remainder: '%',
  and: '&',
  or: '|',
  xor: '^',
  shiftLeft: '<<',
  shiftRight: '>>',
  equal: '==',
  notEqual: '!=',
  less: '<',
  lessOrEqual: '<=',
  greater: '>',
  greaterOrEqual: '>=',
};

/** printExpression renders an expression; leaves carry their type behind a colon. */
export function printExpression(expression: TypedExpression): string {
  const typed = (text: string) => `${text}:${typeName(expression.type)}`;
  const list = (items: readonly TypedExpression[]) => items.map(printExpression).join(', ');
  const place = (target: { readonly variable: { readonly name: string } } | MapPlace) =>
    'variable' in target ? target.variable.name : mapText(target);
  switch (expression.kind) {
    case 'integer':
      return typed(String(expression.value));
    case 'string':
      return typed(JSON.stringify(expression.value));
    case 'bytes':
      return typed(`bytes(${[...expression.value].join(' ')})`);
    case 'variable':
      return typed(expression.variable.name);
    case 'map':
      return typed(mapText(expression));
    case 'arithmetic':
    case 'comparison':
      return `(${printExpression(expression.left)} ${OPERATORS[expression.operator]} ${printExpression(expression.right)})`;
    case 'logical':
      return `(${printExpression(expression.left)} ${expression.operator} ${printExpression(expression.right)})`;
    case 'not':
      return `!${printExpression(expression.operand)}`;
    case 'negate':
      return typed(`-${printExpression(expression.operand)}`);
    case 'complement':
      return typed(`~${printExpression(expression.operand)}`);
    case 'conditional':
      return `(${printExpression(expression.condition)} ? ${printExpression(expression.consequent)} : ${printExpression(expression.alternate)})`;
    case 'cast':
      return `${typeName(expression.type)}(${printExpression(expression.operand)})`;
    case 'increment': {
      const sign = expression.step < 0n ? '--' : '++';
      const text = place(expression.target);
      return typed(expression.isPrefix ? `${sign}${text}` : `${text}${sign}`);
    }
    case 'dereference':
      return typed(`*${printExpression(expression.pointer)}`);
    case 'member':
      return typed(`${printExpression(expression.object)}.${expression.name}@${expression.bitOffset / 8}`);
    case 'element':
      return typed(`${printExpression(expression.object)}.${expression.index}`);
    case 'index':
      return typed(`${printExpression(expression.object)}[${printExpression(expression.index)}]`);
    case 'tuple':
      return `(${list(expression.elements)})`;
    case 'block': {
      const body = expression.body.statements.flatMap((statement) => printStatement(statement, 0));
      return `{ ${[...body, printExpression(expression.value)].join('; ')} }`;
    }
    case 'address':
      return typed(`&${place(expression.target)}`);
    case 'tracepointField':
      return typed(`args.${expression.field.name}`);
    case 'argument':
      return typed(`arg${expression.index}`);
    case 'returnValue':
      return typed('retval');
    case 'context':
      return typed('ctx');
    case 'register':
      return typed(`reg(${expression.name})`);
    case 'builtin':
      return typed(expression.name);
    case 'call': {
      const first = expression.map?.name ?? expression.text;
      const args = [...(first === undefined ? [] : [first]), ...expression.args.map(printExpression)];
      return typed(`${expression.name}(${args.join(', ')})`);
    }
    case 'callFunction':
      return typed(`${expression.function.name}(${list(expression.args)})`);
  }
}

interface MapPlace {
  readonly map: { readonly name: string };
  readonly key?: TypedExpression;
}

function mapText({ map, key }: MapPlace): string {
  return key === undefined ? map.name : `${map.name}[${printExpression(key)}]`;
}
